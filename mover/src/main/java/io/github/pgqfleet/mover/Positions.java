package io.github.pgqfleet.mover;

import io.github.pgqfleet.pgq.Pgq;
import io.github.pgqfleet.pgq.Tick;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.postgresql.PGStatement;

/** The SQL of {@code pgq_fleet.position}. As thread-safe as its connection: not. */
final class Positions {

  private static final String KEY = "source = ? and queue_name = ? and consumer_name = ?";

  /**
   * A row that another transaction holds is left out, and so never waited for: many rows can then
   * be taken in any order without a deadlock.
   */
  private static final String COMPARE_AND_SET_ALL =
      """
      with step as (
        select * from unnest(?, ?, ?, ?, ?, ?, ?, ?, ?) with ordinality as step (
          source, queue_name, consumer_name,
          from_id, from_time, from_event_seq, to_id, to_time, to_event_seq, number)
      ), mine as (
        select source, queue_name, consumer_name
          from pgq_fleet.position join step using (source, queue_name, consumer_name)
           for update of position skip locked
      )
      update pgq_fleet.position
         set state = 'active', tick_id = to_id, tick_time = to_time, tick_event_seq = to_event_seq,
             moved_at = now()
        from step join mine using (source, queue_name, consumer_name)
       where position.source = step.source
         and position.queue_name = step.queue_name
         and position.consumer_name = step.consumer_name
         and (state = 'registering'
              or (tick_id = from_id and tick_time = from_time and tick_event_seq = from_event_seq
                  and tick_id < to_id))
      returning number""";

  private final Connection destination;

  /**
   * A step of a position.
   *
   * @param previous where it is to be now
   * @param current where it goes
   */
  record Step(SourceQueue queue, Tick previous, Tick current) {}

  Positions(Connection destination) {
    this.destination = destination;
  }

  /**
   * Sets the position from {@code previous}, or from {@code registering}, to {@code current}, never
   * backwards. The row stays locked until the caller's transaction ends.
   *
   * @return false, changing nothing, when the position is anywhere else
   */
  boolean compareAndSet(SourceQueue queue, Tick previous, Tick current) throws SQLException {
    try (var statement =
        destination.prepareStatement(
            """
            update pgq_fleet.position
               set state = 'active', tick_id = ?, tick_time = ?, tick_event_seq = ?,
                   moved_at = now()
             where source = ? and queue_name = ? and consumer_name = ?
               and (state = 'registering'
                    or (tick_id = ? and tick_time = ? and tick_event_seq = ? and tick_id < ?))""")) {
      setTick(statement, 1, current);
      setKey(statement, 4, queue);
      setTick(statement, 7, previous);
      statement.setLong(10, current.id());
      return statement.executeUpdate() == 1;
    }
  }

  /**
   * {@link #compareAndSet} for many queues in one statement.
   *
   * @return the steps that were done, the caller's to change; of the others, the position is
   *     elsewhere, or its row is locked
   */
  Set<Step> compareAndSetAll(List<Step> steps) throws SQLException {
    try (var statement = destination.prepareStatement(COMPARE_AND_SET_ALL)) {
      statement.unwrap(PGStatement.class).setPrepareThreshold(1);
      setArray(statement, 1, "text", steps, step -> step.queue().source().id());
      setArray(statement, 2, "text", steps, step -> step.queue().queue());
      setArray(statement, 3, "text", steps, step -> step.queue().consumer());
      setArray(statement, 4, "int8", steps, step -> step.previous().id());
      setArray(statement, 5, "timestamptz", steps, step -> step.previous().time());
      setArray(statement, 6, "int8", steps, step -> step.previous().eventSeq());
      setArray(statement, 7, "int8", steps, step -> step.current().id());
      setArray(statement, 8, "timestamptz", steps, step -> step.current().time());
      setArray(statement, 9, "int8", steps, step -> step.current().eventSeq());
      try (var rows = statement.executeQuery()) {
        var done = new HashSet<Step>();
        while (rows.next()) {
          done.add(steps.get(rows.getInt(1) - 1));
        }
        return done;
      }
    }
  }

  private void setArray(
      PreparedStatement statement,
      int parameter,
      String type,
      List<Step> steps,
      Function<Step, Object> value)
      throws SQLException {
    statement.setArray(
        parameter, destination.createArrayOf(type, steps.stream().map(value).toArray()));
  }

  /** Where the queue stands; empty when it has never been registered. */
  Optional<Position> find(SourceQueue queue) throws SQLException {
    try (var statement =
        destination.prepareStatement(
            "select state, tick_id, tick_time, tick_event_seq from pgq_fleet.position where "
                + KEY)) {
      setKey(statement, 1, queue);
      try (var rows = statement.executeQuery()) {
        return rows.next() ? Optional.of(read(rows)) : Optional.empty();
      }
    }
  }

  /** The positions of all queues of a consumer, by {@link SourceQueue#id}. */
  Map<String, Position> all(String consumer) throws SQLException {
    try (var statement =
        destination.prepareStatement(
            """
            select state, tick_id, tick_time, tick_event_seq, source || '/' || queue_name
              from pgq_fleet.position where consumer_name = ?""")) {
      statement.setString(1, consumer);
      try (var rows = statement.executeQuery()) {
        var all = new HashMap<String, Position>();
        while (rows.next()) {
          all.put(rows.getString(5), read(rows));
        }
        return all;
      }
    }
  }

  private static Position read(ResultSet row) throws SQLException {
    return row.getString(1).equals("active")
        ? new Position.Active(new Tick(row.getLong(2), Pgq.instant(row, 3), row.getLong(4)))
        : new Position.Registering();
  }

  /** Makes the row with which a registration begins, unless there is one. */
  void begin(SourceQueue queue) throws SQLException {
    try (var statement =
        destination.prepareStatement(
            """
            insert into pgq_fleet.position (source, queue_name, consumer_name)
            values (?, ?, ?) on conflict do nothing""")) {
      setKey(statement, 1, queue);
      statement.executeUpdate();
    }
  }

  /** When the position was last set, by the destination's clock. */
  Optional<Instant> movedAt(SourceQueue queue) throws SQLException {
    try (var statement =
        destination.prepareStatement("select moved_at from pgq_fleet.position where " + KEY)) {
      setKey(statement, 1, queue);
      try (var rows = statement.executeQuery()) {
        return rows.next() ? Optional.of(Pgq.instant(rows, 1)) : Optional.empty();
      }
    }
  }

  /** Keeps everyone else from setting the position until the caller's transaction ends. */
  void lock(SourceQueue queue) throws SQLException {
    try (var statement =
        destination.prepareStatement(
            "select from pgq_fleet.position where " + KEY + " for update")) {
      setKey(statement, 1, queue);
      statement.execute();
    }
  }

  /**
   * Sets the position to a tick, from wherever it is, or makes it. For an operator who has decided.
   */
  void set(SourceQueue queue, Tick tick) throws SQLException {
    try (var statement =
        destination.prepareStatement(
            """
            insert into pgq_fleet.position
                   (source, queue_name, consumer_name, state, tick_id, tick_time, tick_event_seq)
            values (?, ?, ?, 'active', ?, ?, ?)
                on conflict (source, queue_name, consumer_name) do update
               set state = excluded.state, tick_id = excluded.tick_id,
                   tick_time = excluded.tick_time, tick_event_seq = excluded.tick_event_seq,
                   moved_at = now()""")) {
      setKey(statement, 1, queue);
      setTick(statement, 4, tick);
      statement.executeUpdate();
    }
  }

  private static void setKey(PreparedStatement statement, int from, SourceQueue queue)
      throws SQLException {
    statement.setString(from, queue.source().id());
    statement.setString(from + 1, queue.queue());
    statement.setString(from + 2, queue.consumer());
  }

  private static void setTick(PreparedStatement statement, int from, Tick tick)
      throws SQLException {
    statement.setLong(from, tick.id());
    statement.setObject(from + 1, Pgq.timestamptz(tick.time()));
    statement.setLong(from + 2, tick.eventSeq());
  }
}
