package io.github.pgqfleet.deploy.bench;

import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One run of one ticker on the testbed, from its start to its stop. For one thread. */
final class TickerRun {
  static final String TOTAL_CPU = "total_cpu";

  static final Duration START_TIMEOUT = Duration.ofSeconds(90);

  /** A tick is due each period only if there is an event in each. */
  private static final double EVENTS_A_PERIOD = 2;

  private final Testbed testbed;
  private final Load load;
  private final double rateOfEach;
  private final Settling settling;
  private final Duration window;

  /** What passes between a candidate's first ticks and the moment from which it is measured. */
  interface Settling {

    /** Leaves it alone. */
    static Settling alone(Duration time) {
      return () -> Thread.sleep(time);
    }

    void settle() throws SQLException, InterruptedException;
  }

  /**
   * Does nothing yet.
   *
   * @param load already at work
   * @param rateOfEach its transactions a second in each busy database
   * @param window how long it is measured
   */
  TickerRun(Testbed testbed, Load load, double rateOfEach, Settling settling, Duration window) {
    this.testbed = testbed;
    this.load = load;
    this.rateOfEach = rateOfEach;
    this.settling = settling;
    this.window = window;
  }

  /** Figures of the load alone, with no ticker. */
  Map<String, Double> alone() throws SQLException, InterruptedException {
    settling.settle();
    return window(null, null);
  }

  /** Starts the ticker, waits until it is at work everywhere, measures, stops it. */
  Map<String, Double> of(Ticker ticker) throws SQLException, InterruptedException {
    testbed.wake();
    Instant start = Instant.now();
    try (Running running = ticker.start()) {
      Duration startup = TickTimes.awaitFirst(testbed.all(), start, START_TIMEOUT, running);
      settling.settle();
      Map<String, Double> figures = window(ticker, running);
      figures.put("startup_s", startup.toMillis() / 1e3);
      running.stop();
      return figures;
    }
  }

  private Map<String, Double> window(@Nullable Ticker ticker, @Nullable Running running)
      throws SQLException, InterruptedException {
    Map<String, Double> figures = new LinkedHashMap<>();
    Instant from = Instant.now();
    Usage before = Usage.of(testbed, running);
    // Reading what hundreds of processes have used is work, which commits shall not wait for.
    load.startWindow();
    load.sleepThrough(window, running);
    Collection<Double> commits = load.endWindow();
    Usage after = Usage.of(testbed, running);
    Instant to = Instant.now();

    Usage used = after.since(before);
    figures.put(TOTAL_CPU, used.percent(used.total()));
    if (running != null) {
      figures.put("own_cpu", used.percent(used.own()));
      figures.put("rss_mb", running.residentMegabytes());
      figures.put("rss_peak_mb", running.peakMegabytes());
      figures.put("connections", (double) testbed.connections());
    }
    if (!commits.isEmpty()) {
      figures.put("commit_p50_ms", Statistics.percentile(commits, 0.5));
      figures.put("commit_p99_ms", Statistics.percentile(commits, 0.99));
    }
    if (ticker != null) {
      jitter(figures, ticker.period(), from, to);
    }
    return figures;
  }

  /** Whether the load is heavy enough for a tick to be due in each period. */
  boolean showsJitter(Duration period) {
    return rateOfEach * period.toNanos() / 1e9 >= EVENTS_A_PERIOD;
  }

  private void jitter(Map<String, Double> figures, Duration period, Instant from, Instant to)
      throws SQLException {
    if (!showsJitter(period)) {
      return;
    }
    List<Double> jitter = TickTimes.jitterMillis(load.busy(), from, to, period);
    if (!jitter.isEmpty()) {
      figures.put("jitter_p50_ms", Statistics.percentile(jitter, 0.5));
      figures.put("jitter_p99_ms", Statistics.percentile(jitter, 0.99));
    }
  }
}
