package io.github.pgqfleet.deploy.bench;

import java.io.PrintStream;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;

/** Our ticker and mover against pgqd, on a fleet that is idle, top-down. For one thread. */
final class MoverIdleBench {

  /** Each queue's pause between two ticks in the warm-up. */
  private static final Duration WARM_UP_IDLE_PERIOD = Duration.ofSeconds(5);

  /** PgQ's default. */
  private static final Duration IDLE_PERIOD = Duration.ofMinutes(1);

  /** After the warm-up's last ticks: a window of a minute then has all ticks that it causes. */
  private static final Duration REST = Duration.ofSeconds(10);

  /**
   * What the user asked for.
   *
   * @param databases how many source databases
   * @param clusters over how many clusters they are spread
   * @param period our ticker's
   * @param peerPeriod pgqd's
   * @param warmUp how long the candidates tick and move often, to be measured as they are after
   *     hours
   * @param window how long a run is measured
   * @param runs of each candidate
   * @param tickerJvm options of our ticker's JVM
   * @param moverJvm options of our mover's JVM
   * @param settings our mover's, for its part of fleet.conf
   */
  record Options(
      int databases,
      int clusters,
      Duration period,
      Duration peerPeriod,
      Duration warmUp,
      Duration window,
      int runs,
      List<String> tickerJvm,
      List<String> moverJvm,
      String settings) {

    Options {
      tickerJvm = List.copyOf(tickerJvm);
      moverJvm = List.copyOf(moverJvm);
      if (databases < 1 || databases > 999 || clusters < 1 || runs < 1 || !window.isPositive()) {
        throw new IllegalArgumentException(
            "--databases, --clusters, --runs and --seconds must be positive, and --databases below"
                + " 1000");
      }
      if (databases % clusters != 0) {
        throw new IllegalArgumentException(
            databases + " databases cannot be spread evenly over " + clusters + " clusters");
      }
    }
  }

  private final Options options;
  private final Narrator narrator;
  private final PrintStream out;

  MoverIdleBench(Options options, Narrator narrator, PrintStream out) {
    this.options = options;
    this.narrator = narrator;
    this.out = out;
  }

  /**
   * Measures and prints.
   *
   * @throws BenchFailure when it cannot
   */
  void run() throws SQLException, InterruptedException {
    narrator.say(
        "%d databases of %d idle queues on %d private PostgreSQL cluster(s)"
            .formatted(options.databases(), Testbed.QUEUES.size(), options.clusters()));
    Figures figures;
    try (Testbed testbed =
        Testbed.create(Purpose.TICKERS, options.clusters(), options.databases())) {
      figures = runs(testbed);
    }
    List<String> lines =
        figures.lines(
            "bench=mover-idle",
            String.format(
                Locale.ROOT,
                "databases=%d clusters=%d queues=%d period_ms=%d peer_period_ms=%d",
                options.databases(),
                options.clusters(),
                options.databases() * Testbed.QUEUES.size(),
                options.period().toMillis(),
                options.peerPeriod().toMillis()));
    lines.forEach(out::println);
    out.printf(
        Locale.ROOT,
        "bench=mover-idle done figures=%d elapsed_s=%d%n",
        lines.size(),
        narrator.elapsed().toSeconds());
  }

  private Figures runs(Testbed testbed) throws SQLException, InterruptedException {
    Path directory = BenchDirectory.create();
    var ours =
        new OurFleet(
            testbed,
            options.period(),
            options.tickerJvm(),
            options.moverJvm(),
            options.settings(),
            directory);
    ours.provision();
    List<Ticker> candidates = List.of(ours, new Pgqd(testbed, options.peerPeriod(), directory));
    Figures figures = new Figures();
    try (Load idle = Load.start(List.of(), 1, List.of())) {
      var one = new TickerRun(testbed, idle, 0, () -> warmUp(testbed), options.window());
      for (int run = 1; run <= options.runs(); run++) {
        for (Ticker candidate : candidates) {
          narrator.say("run %d of %d: %s".formatted(run, options.runs(), candidate.name()));
          figures.add(candidate.name(), one.of(candidate));
        }
      }
    }
    return figures;
  }

  /**
   * A process and its sessions have served an idle queue once a minute for hours where it matters.
   * The first times, either candidate lacks plans, caches and compiled code.
   */
  private void warmUp(Testbed testbed) throws SQLException, InterruptedException {
    setIdlePeriod(testbed, WARM_UP_IDLE_PERIOD);
    Thread.sleep(options.warmUp());
    setIdlePeriod(testbed, IDLE_PERIOD);
    Thread.sleep(REST);
  }

  private static void setIdlePeriod(Testbed testbed, Duration period) throws InterruptedException {
    testbed.each(
        "set the idle period of every queue",
        "update pgq.queue set queue_ticker_idle_period = interval '%d s'"
            .formatted(period.toSeconds()));
  }
}
