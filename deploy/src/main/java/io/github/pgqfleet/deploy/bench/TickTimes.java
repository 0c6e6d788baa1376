package io.github.pgqfleet.deploy.bench;

import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What {@code pgq.tick} tells of a ticker. Stateless. */
final class TickTimes {
  private TickTimes() {}

  /**
   * Waits until a new tick is in every database.
   *
   * @param databases with an event that no tick has closed yet
   * @param start when the ticker was started; no other has ticked since
   * @return the time from the start to the last database's first tick
   * @throws BenchFailure when a database is not ticked in time, or the ticker dies
   */
  static Duration awaitFirst(
      List<Source> databases, Instant start, Duration timeout, Running running)
      throws SQLException, InterruptedException {
    return new FirstOfEach("ticked", databases, start)
        .await(timeout, running, missing -> first(missing, start));
  }

  private static Map<Source, Instant> first(List<Source> databases, Instant start)
      throws SQLException {
    Map<Source, Instant> ticked = new HashMap<>();
    for (Source database : databases) {
      Instant first = first(database, start);
      if (first != null) {
        ticked.put(database, first);
      }
    }
    return ticked;
  }

  private static @Nullable Instant first(Source database, Instant start) throws SQLException {
    try (var connection = database.connect();
        var statement =
            connection.prepareStatement(
                "select min(tick_time) from pgq.tick where tick_time > ?")) {
      statement.setObject(1, start.atOffset(ZoneOffset.UTC));
      try (var row = statement.executeQuery()) {
        row.next();
        OffsetDateTime time = row.getObject(1, OffsetDateTime.class);
        return time == null ? null : time.toInstant();
      }
    }
  }

  /**
   * By how many ms the time between two ticks of the loaded queues differed from the period, in all
   * of the databases.
   *
   * @param from only ticks from then on
   * @param to only ticks until then
   */
  static List<Double> jitterMillis(
      List<Source> databases, Instant from, Instant to, Duration period) throws SQLException {
    List<Double> jitter = new ArrayList<>();
    for (Source database : databases) {
      try (var connection = database.connect();
          var statement =
              connection.prepareStatement(
                  """
                  select extract(epoch from t.tick_time - lag(t.tick_time) over (order by t.tick_id))
                         * 1000
                    from pgq.tick t join pgq.queue q on q.queue_id = t.tick_queue
                   where q.queue_name = ? and t.tick_time between ? and ?
                  """)) {
        statement.setString(1, Testbed.LOADED);
        statement.setObject(2, from.atOffset(ZoneOffset.UTC));
        statement.setObject(3, to.atOffset(ZoneOffset.UTC));
        try (var row = statement.executeQuery()) {
          while (row.next()) {
            double gap = row.getDouble(1);
            if (!row.wasNull()) {
              jitter.add(Math.abs(gap - period.toNanos() / 1e6));
            }
          }
        }
      }
    }
    return jitter;
  }
}
