package io.github.pgqfleet.deploy.bench;

import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * How long it takes from a moment until something has happened in each of some databases, by the
 * clock of the servers, which is this machine's. For one thread.
 */
final class FirstOfEach {
  private static final Duration PAUSE = Duration.ofMillis(250);

  private final String what;
  private final List<Source> databases;
  private final Instant start;

  /**
   * Does nothing yet.
   *
   * @param what happens to a database, for the message of a failure: {@code ticked}
   */
  FirstOfEach(String what, List<Source> databases, Instant start) {
    this.what = what;
    this.databases = List.copyOf(databases);
    this.start = start;
  }

  /** Looks for what has happened. */
  @FunctionalInterface
  interface Look {
    /** When it first happened in those of some databases where it has. */
    Map<Source, Instant> first(List<Source> databases) throws SQLException;
  }

  /**
   * Waits for the last.
   *
   * @return the time from the start until it happened there
   * @throws BenchFailure when it does not in time, or the candidate ends
   */
  Duration await(Duration timeout, Running running, Look look)
      throws SQLException, InterruptedException {
    List<Source> missing = new ArrayList<>(databases);
    Instant last = start;
    while (true) {
      Map<Source, Instant> seen = look.first(missing);
      missing.removeAll(seen.keySet());
      for (Instant first : seen.values()) {
        last = first.isAfter(last) ? first : last;
      }
      running.requireRunning();
      if (missing.isEmpty()) {
        return Duration.between(start, last);
      }
      if (Instant.now().isAfter(start.plus(timeout))) {
        throw new BenchFailure(
            "%d of %d databases, the first of them %s, were not %s within %d s; the log ends:\n%s"
                .formatted(
                    missing.size(),
                    databases.size(),
                    missing.getFirst().name(),
                    what,
                    timeout.toSeconds(),
                    running.endOfLogs()));
      }
      Thread.sleep(PAUSE);
    }
  }
}
