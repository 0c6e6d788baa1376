package io.github.pgqfleet.deploy.demo;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/**
 * What the consumers of one database have still to do. Stateless.
 *
 * <p>PgQ's own figure counts from tick to tick, by event sequence. It misses the events that no
 * tick has closed yet, and those of a transaction that was open while a tick was made, so these are
 * looked for in the event tables, by the last tick's snapshot.
 */
final class Backlog {
  private Backlog() {}

  /**
   * Events that are not ticked, or ticked and not finished, and open batches of sub-consumers and
   * events to be retried; 0 when nothing is left.
   */
  static long of(Connection connection) throws SQLException {
    List<String> parts = new ArrayList<>();
    // The main consumer's position moves when a sub-consumer takes a batch, not when it finishes.
    parts.add(
        """
        select coalesce(sum(pending_events), 0) from pgq.get_consumer_info()
        where last_tick is not null
        """);
    parts.add("select count(*) from pgq.retry_queue");
    parts.add(
        """
        select count(*) from pgq.subscription s
        where s.sub_batch is not null
          and exists (select from pgq.subscription m
                      where m.sub_id = s.sub_id and m.sub_consumer <> s.sub_consumer)
        """);
    try (Statement statement = connection.createStatement()) {
      try (ResultSet queue =
          statement.executeQuery("select queue_id, queue_data_pfx from pgq.queue")) {
        while (queue.next()) {
          parts.add(unticked(queue.getLong(1), queue.getString(2)));
        }
      }
      try (ResultSet sum =
          statement.executeQuery("select " + String.join(" + ", parenthesized(parts)))) {
        sum.next();
        return sum.getLong(1);
      }
    }
  }

  private static String unticked(long queue, String table) {
    return """
        select count(*) from %s e
        where not txid_visible_in_snapshot(e.ev_txid, (
          select tick_snapshot from pgq.tick where tick_queue = %d order by tick_id desc limit 1))
        """
        .formatted(table, queue);
  }

  private static List<String> parenthesized(List<String> parts) {
    return parts.stream().map(part -> "(" + part + ")").toList();
  }
}
