package io.github.pgqfleet.deploy.bench;

import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;

/** One run of one mover through the backlog, from its start to its stop. For one thread. */
final class BacklogRun {

  /** With a start of the JVM and hundreds of connections. */
  private static final Duration WARM_UP_TIMEOUT = Duration.ofSeconds(90);

  private static final Duration STALLED = Duration.ofSeconds(30);

  private final Testbed testbed;
  private final Moved moved;
  private final Backlog backlog;
  private final Duration settle;

  /**
   * Does nothing yet.
   *
   * @param settle how long a mover is left alone after the warm-up; what that leaves to be done in
   *     the background, such as compiling, is done then
   */
  BacklogRun(Testbed testbed, Moved moved, Backlog backlog, Duration settle) {
    this.testbed = testbed;
    this.moved = moved;
    this.backlog = backlog;
    this.settle = settle;
  }

  /**
   * Figures by name.
   *
   * @throws BenchFailure when the mover fails, or delivers other events than those of the backlog
   */
  Map<String, Double> of(Mover mover) throws SQLException, InterruptedException {
    testbed.renewDestination();
    mover.provision();
    backlog.rewind(mover);
    try (Backlog.Held held = backlog.hold();
        Delivery delivery = new Delivery(testbed.destination(), moved.queues())) {
      testbed.checkpoint();
      try (Running running = mover.start()) {
        delivery.await(backlog.warmUpEvents(), WARM_UP_TIMEOUT, running);
        Thread.sleep(settle);
        Usage before = Usage.of(testbed, running);
        Instant start = held.release();
        delivery.await(backlog.warmUpEvents() + backlog.events(), STALLED, running);
        Usage used = Usage.of(testbed, running).since(before);
        Map<String, Double> figures = figures(delivery, start, used);
        running.stop();
        delivery.audit(mover.name(), backlog.contents());
        moved.unregister(mover);
        return figures;
      }
    }
  }

  private Map<String, Double> figures(Delivery delivery, Instant start, Usage used)
      throws SQLException {
    Delivery.Committed committed = delivery.committed(start);
    double seconds = Duration.between(start, committed.last()).toNanos() / 1e9;
    Map<String, Double> figures = new LinkedHashMap<>();
    figures.put("events_per_s", backlog.events() / seconds);
    figures.put("cpu_ms_per_1000", per1000(used.total()));
    figures.put("own_cpu_ms_per_1000", per1000(used.own()));
    figures.put("destination_cpu_ms_per_1000", per1000(used.clusters().getLast()));
    figures.put(
        "source_cpu_ms_per_1000",
        per1000(used.total().minus(used.own()).minus(used.clusters().getLast())));
    figures.put("destination_commits", (double) committed.transactions());
    figures.put("rss_mb", delivery.mostResidentMegabytes());
    return figures;
  }

  private double per1000(Duration cpu) {
    return Usage.millisPer1000(cpu, backlog.events());
  }
}
