package io.github.pgqfleet.pgq;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * The SQL of PgQ's API, one method a function, on one connection. It neither begins nor commits;
 * the caller's transaction, or autocommit, is what counts. As thread-safe as its connection: not.
 */
public final class Pgq {

  /**
   * One tick after the other where there is one; where there are many, as many at once as have the
   * events that are asked for. What is asked for is never more than is there, since PgQ would wait
   * for it; where only empty ticks wait, their time is asked for in place of their events.
   *
   * <p>What is looked at is as it was before the statement, so a queue stands where it will when
   * its delivered batch is finished. Queue after queue, in the order given: two callers that take
   * the queues in the same order cannot deadlock.
   */
  private static final String NEXT_BATCHES =
      """
      -- pgq.finish_batch, then pgq.next_batch_custom, of each queue
      with asked as materialized (
        select number, queue, delivered, newest.tick_id as newest_tick,
               -- PgQ itself says what is wrong where there is no such consumer.
               newest.tick_id is null
                 or s.sub_batch is distinct from delivered and s.sub_batch is not null
                 or newest.tick_id > coalesce(last.tick_id, 0) as may_have_batch,
               newest.tick_event_seq - last.tick_event_seq as events,
               newest.tick_time - last.tick_time as time
          from unnest(?::text[], ?::int8[]) with ordinality as asked (queue, delivered, number)
          left join pgq.queue q on q.queue_name = queue
          left join pgq.consumer c on c.co_name = ?
          left join pgq.subscription s on s.sub_queue = q.queue_id and s.sub_consumer = c.co_id
          left join pgq.tick last
            on last.tick_queue = s.sub_queue
           and last.tick_id
               = case when s.sub_batch = delivered then s.sub_next_tick else s.sub_last_tick end
          left join lateral (
            select tick_id, tick_event_seq, tick_time from pgq.tick
             where tick_queue = s.sub_queue
             order by tick_queue desc, tick_id desc limit 1) newest on true
         order by number)
      select number, batch_id, prev_tick_id, prev_tick_time, prev_tick_event_seq,
             cur_tick_id, cur_tick_time, cur_tick_event_seq, event_sql,
             cur_tick_id >= newest_tick as is_newest
        from asked
       cross join lateral (
         select case when delivered is not null then pgq.finish_batch(delivered) end as done
         offset 0) finish
       cross join lateral (
         select next.*, pgq.batch_event_sql(batch_id) as event_sql
           from pgq.next_batch_custom(
             queue, ?, null,
             case when ? > 0 and events > 0 then least(?, events)::int4 end,
             case when ? > 0 and events <= 0 then time end) next
          -- Asking what became of it puts finishing first.
          where may_have_batch and done is distinct from -1 and batch_id is not null
         offset 0) batch""";

  private static final String CURRENT_EVENT_TABLES =
      """
      select pgq.quote_fqname(pgq.current_event_table(queue))
        from unnest(?) with ordinality as asked (queue, number)
       order by number""";

  private final Connection connection;

  public Pgq(Connection connection) {
    this.connection = connection;
  }

  /**
   * {@code pgq.version()}, or empty where the schema {@code pgq} does not exist.
   *
   * <p>Asks the catalogue first, since a failed statement would spoil the caller's transaction.
   */
  public Optional<String> version() throws SQLException {
    try (var statement =
            connection.prepareStatement("select to_regprocedure('pgq.version()') is not null");
        var row = one(statement)) {
      if (!row.getBoolean(1)) {
        return Optional.empty();
      }
    }
    try (var statement = connection.prepareStatement("select pgq.version()");
        var row = one(statement)) {
      return Optional.of(row.getString(1));
    }
  }

  /** Names of all queues, in order. */
  public List<String> queues() throws SQLException {
    try (var statement =
            connection.prepareStatement("select queue_name from pgq.queue order by queue_name");
        var rows = statement.executeQuery()) {
      return strings(rows);
    }
  }

  /** {@code pgq.register_consumer}: true when the consumer is new, false when it was there. */
  public boolean registerConsumer(String queue, String consumer) throws SQLException {
    return callInt("select pgq.register_consumer(?, ?)", queue, consumer) == 1;
  }

  /**
   * {@code pgq.register_consumer_at}: moves a consumer to a tick that exists, and drops the batch
   * that it may have open.
   */
  public void registerConsumerAt(String queue, String consumer, long tickId) throws SQLException {
    callInt("select pgq.register_consumer_at(?, ?, ?)", queue, consumer, tickId);
  }

  /** The registration of a consumer, if it has one. */
  public Optional<Subscription> subscription(String queue, String consumer) throws SQLException {
    try (var statement =
            prepare(
                """
                select s.sub_id, s.sub_last_tick, s.sub_batch
                  from pgq.subscription s
                  join pgq.queue q on q.queue_id = s.sub_queue
                  join pgq.consumer c on c.co_id = s.sub_consumer
                 where q.queue_name = ? and c.co_name = ?\
                """,
                queue,
                consumer);
        var rows = statement.executeQuery()) {
      return rows.next()
          ? Optional.of(
              new Subscription(rows.getInt(1), optionalLong(rows, 2), optionalLong(rows, 3)))
          : Optional.empty();
    }
  }

  /** A tick that the queue still has. */
  public Optional<Tick> tick(String queue, long tickId) throws SQLException {
    try (var statement =
            prepare(
                """
                select t.tick_id, t.tick_time, t.tick_event_seq
                  from pgq.tick t join pgq.queue q on q.queue_id = t.tick_queue
                 where q.queue_name = ? and t.tick_id = ?\
                """,
                queue,
                tickId);
        var rows = statement.executeQuery()) {
      return rows.next()
          ? Optional.of(new Tick(rows.getLong(1), instant(rows, 2), rows.getLong(3)))
          : Optional.empty();
    }
  }

  /**
   * A queue whose next batch is asked for.
   *
   * @param delivered the batch of it that is to be finished before
   */
  public record Asked(String queue, OptionalLong delivered) {}

  /**
   * {@code pgq.finish_batch} of what has been delivered and {@code pgq.next_batch_custom}, for
   * several queues in one statement: opens the next batch of each, or returns the one that is open;
   * empty when there is no new tick. Never waits for company. Whether a finished batch was still
   * the caller's is not said: where it was not, another has finished it.
   *
   * @param asked in an order that is the same for all callers, lest they deadlock
   * @param events how many events to read at once where a backlog has several ticks; 0 for one tick
   *     a batch. By the event sequence, so inexact; a single tick may have any number
   * @return an answer for each that was asked for, in their order
   */
  public List<Optional<OpenBatch>> nextBatches(String consumer, List<Asked> asked, int events)
      throws SQLException {
    var queues = asked.stream().map(Asked::queue).toArray();
    var delivered =
        asked.stream()
            .map(a -> a.delivered().isPresent() ? a.delivered().getAsLong() : null)
            .toArray();
    try (var statement =
            prepare(
                NEXT_BATCHES,
                connection.createArrayOf("text", queues),
                connection.createArrayOf("int8", delivered),
                consumer,
                consumer,
                events,
                events,
                events);
        var rows = statement.executeQuery()) {
      var batches =
          new ArrayList<Optional<OpenBatch>>(Collections.nCopies(asked.size(), Optional.empty()));
      while (rows.next()) {
        batches.set(rows.getInt("number") - 1, Optional.of(openBatch(rows)));
      }
      return batches;
    }
  }

  /** {@link #nextBatches} for one queue, of which nothing has been delivered. */
  public Optional<OpenBatch> nextBatch(String queue, String consumer, int events)
      throws SQLException {
    return nextBatches(consumer, List.of(new Asked(queue, OptionalLong.empty())), events)
        .getFirst();
  }

  /** {@code pgq.finish_batch}: false when the batch is not, or no longer, the caller's. */
  public boolean finishBatch(long batchId) throws SQLException {
    return callInt("select pgq.finish_batch(?)", batchId) == 1;
  }

  /**
   * {@code pgq.current_event_table} of several queues, in their order: the tables, quoted by the
   * server, that take new events. Good for the current transaction only, under READ COMMITTED, and
   * only when the transaction has written something before this statement.
   */
  public List<String> currentEventTables(List<String> queues) throws SQLException {
    try (var statement = prepare(CURRENT_EVENT_TABLES, (Object) queues.toArray(String[]::new));
        var rows = statement.executeQuery()) {
      return strings(rows);
    }
  }

  /** {@code pgq.maint_operations}: what maintenance asks to be done now. */
  public List<MaintOperation> maintOperations() throws SQLException {
    try (var statement =
            connection.prepareStatement("select func_name, func_arg from pgq.maint_operations()");
        var rows = statement.executeQuery()) {
      var operations = new ArrayList<MaintOperation>();
      while (rows.next()) {
        operations.add(
            new MaintOperation(rows.getString(1), Optional.ofNullable(rows.getString(2))));
      }
      return operations;
    }
  }

  /** {@code pgq.maint_retry_events}: moves at most ten events; how many it moved. */
  public int maintRetryEvents() throws SQLException {
    return callInt("select pgq.maint_retry_events()");
  }

  private static OpenBatch openBatch(ResultSet rows) throws SQLException {
    var batch =
        new Batch(
            rows.getLong("batch_id"),
            new Tick(
                rows.getLong("prev_tick_id"),
                instant(rows, rows.findColumn("prev_tick_time")),
                rows.getLong("prev_tick_event_seq")),
            new Tick(
                rows.getLong("cur_tick_id"),
                instant(rows, rows.findColumn("cur_tick_time")),
                rows.getLong("cur_tick_event_seq")));
    return new OpenBatch(batch, rows.getString("event_sql"), rows.getBoolean("is_newest"));
  }

  /** A {@code timestamptz} column, exact to the microsecond. */
  public static Instant instant(ResultSet row, int column) throws SQLException {
    return row.getObject(column, OffsetDateTime.class).toInstant();
  }

  /** A {@code timestamptz} parameter, exact to the microsecond. */
  public static OffsetDateTime timestamptz(Instant instant) {
    return instant.atOffset(ZoneOffset.UTC);
  }

  private static OptionalLong optionalLong(ResultSet row, int column) throws SQLException {
    var value = row.getLong(column);
    return row.wasNull() ? OptionalLong.empty() : OptionalLong.of(value);
  }

  private static List<String> strings(ResultSet rows) throws SQLException {
    var strings = new ArrayList<String>();
    while (rows.next()) {
      strings.add(rows.getString(1));
    }
    return strings;
  }

  private int callInt(String sql, Object... parameters) throws SQLException {
    try (var statement = prepare(sql, parameters);
        var row = one(statement)) {
      return row.getInt(1);
    }
  }

  private PreparedStatement prepare(String sql, Object... parameters) throws SQLException {
    var statement = connection.prepareStatement(sql);
    for (int i = 0; i < parameters.length; i++) {
      statement.setObject(i + 1, parameters[i]);
    }
    return statement;
  }

  private static ResultSet one(PreparedStatement statement) throws SQLException {
    var rows = statement.executeQuery();
    if (!rows.next()) {
      throw new SQLException("no row where one was due");
    }
    return rows;
  }
}
