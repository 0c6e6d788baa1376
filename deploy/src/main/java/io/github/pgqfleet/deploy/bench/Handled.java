package io.github.pgqfleet.deploy.bench;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The table that all handlers write into, a row an event, and what it tells. Stateless. */
final class Handled {

  private static final String COMMITTED =
      """
      select max(at), count(*) filter (where at >= ?)
        from (select pg_xact_commit_timestamp(x) as at
                from (select distinct xmin as x from app.handled) t) c
      """;

  private static final List<String> LATENCY_FIGURES =
      List.of("p50_ms", "p99_ms", "committed_p50_ms", "committed_p99_ms");

  private static final String LATENCIES =
      """
      select percentile_disc(0.5) within group (order by handled_ms),
             percentile_disc(0.99) within group (order by handled_ms),
             percentile_disc(0.5) within group (order by committed_ms),
             percentile_disc(0.99) within group (order by committed_ms)
        from (select 1000 * extract(epoch from handled - ev_time)::float8 as handled_ms,
                     1000 * extract(epoch from pg_xact_commit_timestamp(xmin) - ev_time)::float8
                       as committed_ms
                from app.handled where ev_time >= ? and ev_time < ?) h
      """;

  private Handled() {}

  /** Makes the table, and a function for each queue that writes into it. */
  static void create(Source destination, List<String> queues) throws SQLException {
    String function = BenchDirectory.resource("handler.sql");
    try (Connection connection = destination.connect()) {
      Sql.execute(connection, BenchDirectory.resource("handled.sql"));
      for (String queue : queues) {
        Sql.execute(connection, function.formatted(queue));
      }
    }
  }

  /** The name of that function. */
  static String function(String queue) {
    return "app.handle_" + queue;
  }

  /** How many events have been handled in committed transactions. */
  static long count(Connection connection) throws SQLException {
    return Sql.number(connection, "select count(*) from app.handled");
  }

  /** When the last was, and in how many transactions since a moment. */
  static Delivery.Committed committed(Connection connection, Instant since) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(COMMITTED)) {
      statement.setObject(1, since.atOffset(ZoneOffset.UTC));
      try (ResultSet row = statement.executeQuery()) {
        row.next();
        return new Delivery.Committed(
            row.getObject(1, OffsetDateTime.class).toInstant(), row.getLong(2));
      }
    }
  }

  /**
   * Figures in ms: from an event's time at its source to its handler, and to the commit of what
   * that did. Empty when no event is of that time.
   *
   * @param from events written from then on
   * @param to and before then
   */
  static Map<String, Double> latencies(Connection connection, Instant from, Instant to)
      throws SQLException {
    Map<String, Double> figures = new LinkedHashMap<>();
    try (PreparedStatement statement = connection.prepareStatement(LATENCIES)) {
      statement.setObject(1, from.atOffset(ZoneOffset.UTC));
      statement.setObject(2, to.atOffset(ZoneOffset.UTC));
      try (ResultSet row = statement.executeQuery()) {
        row.next();
        for (int column = 0; column < LATENCY_FIGURES.size(); column++) {
          double millis = row.getDouble(column + 1);
          if (!row.wasNull()) {
            figures.put(LATENCY_FIGURES.get(column), millis);
          }
        }
      }
    }
    return figures;
  }

  /**
   * The audit.
   *
   * @param expected the events that were to be handled, by queue
   * @throws BenchFailure unless each was handled once
   */
  static void audit(Source destination, String worker, Map<String, Contents> expected)
      throws SQLException {
    Map<String, Contents> handled = new TreeMap<>();
    try (Connection connection = destination.connect()) {
      for (String queue : expected.keySet()) {
        handled.put(
            queue, Contents.ofRows(connection, "app.handled where queue = '" + queue + "'"));
      }
    }
    Contents.requireSame(worker, expected, handled);
  }
}
