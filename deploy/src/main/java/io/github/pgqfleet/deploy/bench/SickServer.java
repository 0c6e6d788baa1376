package io.github.pgqfleet.deploy.bench;

import io.github.pgqfleet.fixture.PrivateCluster;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * One of several clusters freezes while the others are written into: do their ticks keep their
 * cadence, and how soon is the frozen one ticked again when it is back? For one thread.
 */
final class SickServer {
  static final String JITTER_P99 = "sick_jitter_p99_ms";

  /** Our promise, as a part of the period. */
  private static final double MOST_JITTER = 0.05;

  private static final Duration RECOVERY_TIMEOUT = Duration.ofMinutes(2);

  private final Testbed testbed;
  private final TickerOptions options;
  private final PrivateCluster sick;

  SickServer(Testbed testbed, TickerOptions options) {
    this.testbed = testbed;
    this.options = options;
    this.sick = testbed.clusters().getLast();
  }

  /** The first database of each cluster that stays well. */
  List<Source> busy() {
    return testbed.clusters().stream()
        .filter(cluster -> cluster != sick)
        .map(
            cluster ->
                testbed.sources().stream()
                    .filter(source -> source.cluster() == cluster)
                    .findFirst()
                    .orElseThrow())
        .toList();
  }

  /** One run: figures by name. */
  Map<String, Double> run(Ticker ticker) throws SQLException, InterruptedException {
    testbed.wake();
    Instant start = Instant.now();
    Map<String, Double> figures = new LinkedHashMap<>();
    try (Load load = Load.start(busy(), options.rate(), options.maxLag());
        Running running = ticker.start()) {
      var _ = TickTimes.awaitFirst(testbed.all(), start, TickerRun.START_TIMEOUT, running);
      Thread.sleep(options.settle());
      sick.freeze();
      Instant frozen = Instant.now();
      Thread.sleep(options.window());
      load.requireRunning();
      running.requireRunning();
      List<Double> jitter = TickTimes.jitterMillis(busy(), frozen, Instant.now(), ticker.period());
      figures.put("sick_jitter_p50_ms", Statistics.percentile(jitter, 0.5));
      figures.put(JITTER_P99, Statistics.percentile(jitter, 0.99));
      sick.thaw();
      Instant thawed = Instant.now();
      // An event in every queue, so that each database has a tick due.
      testbed.wake();
      List<Source> theirs =
          testbed.sources().stream().filter(source -> source.cluster() == sick).toList();
      Duration recovery = TickTimes.awaitFirst(theirs, thawed, RECOVERY_TIMEOUT, running);
      figures.put("sick_recovered_s", recovery.toMillis() / 1e3);
      running.stop();
    }
    return figures;
  }

  /**
   * Holds us to our promise.
   *
   * @throws BenchFailure when the others' ticks do not keep their cadence
   */
  void require(double medianOfP99) {
    double most = MOST_JITTER * options.period().toMillis();
    if (medianOfP99 > most) {
      throw new BenchFailure(
          "%s is %.1f, more than a twentieth of the period: a frozen server delays the others"
              .formatted(JITTER_P99, medianOfP99));
    }
  }
}
