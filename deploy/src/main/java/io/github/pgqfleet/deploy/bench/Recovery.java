package io.github.pgqfleet.deploy.bench;

import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;

/** How soon a mover or a ticker works again after an outage of a server. For one thread. */
final class Recovery {
  private static final Duration START_TIMEOUT = Duration.ofSeconds(90);
  private static final Duration RECOVERY_TIMEOUT = Duration.ofMinutes(3);
  private static final Duration DRAIN_TIMEOUT = Duration.ofSeconds(60);

  private final Testbed testbed;
  private final SteadyLoad writing;
  private final Outage outage;
  private final Duration settle;

  /**
   * Does nothing yet.
   *
   * @param writing what the applications do until the outage, and once when it has ended
   * @param settle how long processes are left alone before it
   */
  Recovery(Testbed testbed, SteadyLoad writing, Outage outage, Duration settle) {
    this.testbed = testbed;
    this.writing = writing;
    this.outage = outage;
    this.settle = settle;
  }

  /**
   * One run of a mover.
   *
   * @return from the outage's end to the delivery of an event that was written later, from the last
   *     of the databases that were away
   * @throws BenchFailure when it does not recover in time, or an event is lost or doubled
   */
  Duration of(Mover mover) throws SQLException, InterruptedException {
    try (var run = SteadyDelivery.prepare(testbed, writing, mover);
        Running running = mover.start()) {
      try (Load load = writing.start()) {
        run.awaitBegin(running);
        load.sleepThrough(settle, running);
        // The applications' transactions under way are cut off too.
        outage.begin();
      }
      Instant end = outage.end();
      writing.once();
      Duration recovery =
          run.delivery().awaitFirst(outage.sources(), end, RECOVERY_TIMEOUT, running);
      var _ = run.finish(DRAIN_TIMEOUT, running);
      return recovery;
    }
  }

  /**
   * One run of a ticker.
   *
   * @return from the outage's end to a tick in the last of the databases that were away
   * @throws BenchFailure when it does not recover in time
   */
  Duration of(Ticker ticker) throws SQLException, InterruptedException {
    testbed.wake();
    Instant start = Instant.now();
    try (Running running = ticker.start()) {
      var _ = TickTimes.awaitFirst(testbed.sources(), start, START_TIMEOUT, running);
      Thread.sleep(settle);
      outage.begin();
      Instant end = outage.end();
      // An event in every queue, so that each database has a tick due.
      testbed.wake();
      Duration recovery = TickTimes.awaitFirst(outage.sources(), end, RECOVERY_TIMEOUT, running);
      running.stop();
      return recovery;
    }
  }
}
