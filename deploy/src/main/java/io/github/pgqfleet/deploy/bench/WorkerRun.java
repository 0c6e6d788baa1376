package io.github.pgqfleet.deploy.bench;

import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;

/** One run of one group of workers through a backlog, from its start to its stop. */
final class WorkerRun {
  static final String RATE = "events_per_s";

  private static final Duration STALLED = Duration.ofSeconds(60);

  private final Testbed testbed;
  private final Duration settle;

  /**
   * Does nothing yet.
   *
   * @param settle how long workers are left alone after the warm-up
   */
  WorkerRun(Testbed testbed, Duration settle) {
    this.testbed = testbed;
    this.settle = settle;
  }

  /**
   * Figures by name.
   *
   * @throws BenchFailure when the workers fail, or do not handle each event of the backlog once
   */
  Map<String, Double> of(Workers workers, Stage stage) throws SQLException, InterruptedException {
    testbed.renewDestination(stage.kept());
    workers.provision();
    try (Backlog.Held held = stage.backlog().hold();
        Group group = new Group(testbed.destination(), Stage.QUEUE)) {
      testbed.checkpoint();
      try (Running running = workers.start()) {
        group.awaitPresent(workers, stage.workers(), running);
        group.awaitDone(STALLED, running);
        Thread.sleep(settle);
        Usage before = Usage.of(testbed, running);
        Instant start = held.release();
        group.awaitDone(STALLED, running);
        Usage used = Usage.of(testbed, running).since(before);
        Map<String, Double> figures = figures(group, stage.backlog().events(), start, used);
        running.stop();
        Handled.audit(testbed.destination(), workers.name(), stage.backlog().contents());
        return figures;
      }
    }
  }

  private static Map<String, Double> figures(Group group, long events, Instant start, Usage used)
      throws SQLException {
    Delivery.Committed committed = Handled.committed(group.connection(), start);
    double seconds = Duration.between(start, committed.last()).toNanos() / 1e9;
    Map<String, Double> figures = new LinkedHashMap<>();
    figures.put(RATE, events / seconds);
    figures.put("cpu_ms_per_1000", Usage.millisPer1000(used.total(), events));
    figures.put("own_cpu_ms_per_1000", Usage.millisPer1000(used.own(), events));
    figures.put("commits", (double) committed.transactions());
    figures.put("rss_mb", group.mostResidentMegabytes());
    return figures;
  }
}
