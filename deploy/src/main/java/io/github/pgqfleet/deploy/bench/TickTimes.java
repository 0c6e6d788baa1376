package io.github.pgqfleet.deploy.bench;

import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What {@code pgq.tick} tells of a ticker. Stateless. */
final class TickTimes {
  private static final Duration PAUSE = Duration.ofMillis(250);

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
    List<Source> missing = new ArrayList<>(databases);
    Instant last = start;
    while (true) {
      for (Iterator<Source> it = missing.iterator(); it.hasNext(); ) {
        Instant first = first(it.next(), start);
        if (first != null) {
          last = first.isAfter(last) ? first : last;
          it.remove();
        }
      }
      running.requireRunning();
      if (missing.isEmpty()) {
        return Duration.between(start, last);
      }
      if (Instant.now().isAfter(start.plus(timeout))) {
        throw new BenchFailure(
            "%d of %d databases, the first of them %s, were not ticked within %d s; the log ends:\n%s"
                .formatted(
                    missing.size(),
                    databases.size(),
                    missing.getFirst().name(),
                    timeout.toSeconds(),
                    running.endOfLogs()));
      }
      Thread.sleep(PAUSE);
    }
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
