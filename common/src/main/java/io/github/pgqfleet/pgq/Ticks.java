package io.github.pgqfleet.pgq;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Optional;

/**
 * The ticks that a queue still has; rotation removes old ones. A queue that exists has at least
 * one. As thread-safe as its connection: not.
 */
public final class Ticks {

  private static final String OF_QUEUE =
      """
      select t.tick_id, t.tick_time, t.tick_event_seq
        from pgq.tick t join pgq.queue q on q.queue_id = t.tick_queue
       where q.queue_name = ?""";

  private final Connection connection;
  private final String queue;

  public Ticks(Connection connection, String queue) {
    this.connection = connection;
    this.queue = queue;
  }

  /** The first that is still there; empty when there is no such queue. */
  public Optional<Tick> oldest() throws SQLException {
    return first(" order by t.tick_id limit 1");
  }

  /** The last one. */
  public Optional<Tick> newest() throws SQLException {
    return first(" order by t.tick_id desc limit 1");
  }

  /** The tick of an id. */
  public Optional<Tick> withId(long id) throws SQLException {
    return first(" and t.tick_id = ?", id);
  }

  /** The last tick that was made at a time or before it. */
  public Optional<Tick> atOrBefore(Instant time) throws SQLException {
    return first(" and t.tick_time <= ? order by t.tick_id desc limit 1", Pgq.timestamptz(time));
  }

  /** The first tick that was made at a time or after it. */
  public Optional<Tick> atOrAfter(Instant time) throws SQLException {
    return first(" and t.tick_time >= ? order by t.tick_id limit 1", Pgq.timestamptz(time));
  }

  private Optional<Tick> first(String which, Object... parameters) throws SQLException {
    try (var statement = connection.prepareStatement(OF_QUEUE + which)) {
      statement.setString(1, queue);
      for (int i = 0; i < parameters.length; i++) {
        statement.setObject(i + 2, parameters[i]);
      }
      try (var row = statement.executeQuery()) {
        return row.next()
            ? Optional.of(new Tick(row.getLong(1), Pgq.instant(row, 2), row.getLong(3)))
            : Optional.empty();
      }
    }
  }
}
