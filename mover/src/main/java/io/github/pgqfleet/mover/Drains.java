package io.github.pgqfleet.mover;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.SortedMap;
import java.util.TreeMap;

/** The SQL of {@code pgq_fleet.drain}. As thread-safe as its connection: not. */
final class Drains {

  private final Connection destination;
  private final String consumer;

  Drains(Connection destination, String consumer) {
    this.destination = destination;
    this.consumer = consumer;
  }

  /** Marks a source as draining, also one that was drained before and may have new events. */
  void begin(String source) throws SQLException {
    update(
        """
        insert into pgq_fleet.drain (source, consumer_name) values (?, ?)
        on conflict (source, consumer_name) do update set state = 'draining', since = now()""",
        source);
  }

  /** Marks a source as drained: its leader steps down at its next heartbeat. */
  void drained(String source) throws SQLException {
    update(
        """
        update pgq_fleet.drain set state = 'drained', since = now()
         where source = ? and consumer_name = ?""",
        source);
  }

  /** Lets the movers go on with a source; false when it was not marked. */
  boolean release(String source) throws SQLException {
    return update("delete from pgq_fleet.drain where source = ? and consumer_name = ?", source);
  }

  /**
   * Whether a mover may still lead a drained source: it says so, or has had no heartbeat since,
   * with a margin for the commit of the mark.
   */
  boolean mayBeLed(String source) throws SQLException {
    try (var statement =
        destination.prepareStatement(
            """
            select exists (
              select from pgq_fleet.mover m
                join pgq_fleet.drain d on d.source = ? and d.consumer_name = m.consumer_name
               where m.consumer_name = ? and m.alive_until > now()
                 and (d.source = any(m.leads) or m.beat_at < d.since + interval '1 s'))""")) {
      statement.setString(1, source);
      statement.setString(2, consumer);
      try (var row = statement.executeQuery()) {
        return row.next() && row.getBoolean(1);
      }
    }
  }

  /** {@code draining} or {@code drained}, by source. */
  SortedMap<String, String> all() throws SQLException {
    try (var statement =
        destination.prepareStatement(
            "select source, state from pgq_fleet.drain where consumer_name = ?")) {
      statement.setString(1, consumer);
      try (var rows = statement.executeQuery()) {
        var drains = new TreeMap<String, String>();
        while (rows.next()) {
          drains.put(rows.getString(1), rows.getString(2));
        }
        return drains;
      }
    }
  }

  private boolean update(String sql, String source) throws SQLException {
    try (var statement = destination.prepareStatement(sql)) {
      statement.setString(1, source);
      statement.setString(2, consumer);
      return statement.executeUpdate() > 0;
    }
  }
}
