package io.github.pgqfleet.deploy.bench;

import io.github.pgqfleet.deploy.bench.TickerOptions.Part;
import io.github.pgqfleet.deploy.bench.TickerRun.Settling;
import java.io.PrintStream;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Our ticker against pgqd, top-down. For one thread. */
final class TickerBench {
  private final TickerOptions options;
  private final Narrator narrator;
  private final PrintStream out;
  private int printed;

  TickerBench(TickerOptions options, Narrator narrator, PrintStream out) {
    this.options = options;
    this.narrator = narrator;
    this.out = out;
  }

  /**
   * Measures and prints everything that was asked for.
   *
   * @throws BenchFailure when it cannot
   */
  void run() throws SQLException, InterruptedException {
    for (int databases : options.databases()) {
      narrator.say(
          ("%d databases of %d queues on %d private PostgreSQL cluster(s); commits do not reach the"
                  + " disk (fsync = off)")
              .formatted(databases, Testbed.QUEUES.size(), options.clusters()));
      try (Testbed testbed = Testbed.create(Purpose.TICKERS, options.clusters(), databases)) {
        Path directory = BenchDirectory.create();
        var ours = new OurTicker(testbed, options.period(), options.jvmOptions(), directory);
        var pgqd = new Pgqd(testbed, options.peerPeriod(), directory);
        List<Ticker> tickers = List.of(ours, pgqd);
        if (options.parts().contains(Part.RUNS)) {
          for (LoadKind load : options.loads()) {
            print(testbed, load, runs(testbed, tickers, load));
          }
        }
        if (options.parts().contains(Part.WATCHED)) {
          for (LoadKind load : options.loads()) {
            print(testbed, load, watched(testbed, ours, load));
          }
        }
        if (options.parts().contains(Part.STRADDLER)) {
          print(testbed, LoadKind.IDLE, straddlers(testbed, tickers));
        }
        if (options.parts().contains(Part.ONCE)) {
          print(testbed, LoadKind.IDLE, once(testbed, ours));
        }
        if (options.parts().contains(Part.SICK)) {
          sick(testbed, tickers);
        }
      }
    }
    out.printf(
        Locale.ROOT,
        "bench=ticker done figures=%d elapsed_s=%d%n",
        printed,
        narrator.elapsed().toSeconds());
  }

  private Figures runs(Testbed testbed, List<Ticker> tickers, LoadKind kind)
      throws SQLException, InterruptedException {
    List<Source> busy = kind.busy(testbed.sources());
    double rate = busy.isEmpty() ? 0 : options.rateOfEach(kind, busy.size());
    Figures figures = new Figures();
    try (Load load = Load.start(busy, rate, options.maxLag())) {
      var one =
          new TickerRun(testbed, load, rate, Settling.alone(options.settle()), options.window());
      if (kind != LoadKind.IDLE) {
        sayWhereJitterIsLeftOut(tickers, kind, one);
      }
      for (int run = 1; run <= options.runs(); run++) {
        double alone = 0;
        if (kind != LoadKind.IDLE) {
          narrator.say("load=%s run %d of %d: the load alone".formatted(kind, run, options.runs()));
          Map<String, Double> measured = one.alone();
          figures.add(Figures.NOBODY, measured);
          alone = measured.getOrDefault(TickerRun.TOTAL_CPU, 0.0);
        }
        for (Ticker ticker : tickers) {
          narrator.say(
              "load=%s run %d of %d: %s".formatted(kind, run, options.runs(), ticker.name()));
          Map<String, Double> measured = one.of(ticker);
          figures.add(ticker.name(), measured);
          if (kind != LoadKind.IDLE) {
            double above = measured.getOrDefault(TickerRun.TOTAL_CPU, 0.0) - alone;
            figures.add(ticker.name(), "total_cpu_above_load", above);
          }
        }
      }
    }
    return figures;
  }

  private void sayWhereJitterIsLeftOut(List<Ticker> tickers, LoadKind kind, TickerRun run) {
    for (Ticker ticker : tickers) {
      if (!run.showsJitter(ticker.period())) {
        narrator.say(
            "load=%s: no jitter of %s, since the load is too light for a tick in each of its periods"
                .formatted(kind, ticker.name()));
      }
    }
  }

  /** The peer is the same ticker with its admin server off. */
  private Figures watched(Testbed testbed, OurTicker unwatched, LoadKind kind)
      throws SQLException, InterruptedException {
    List<Source> busy = kind.busy(testbed.sources());
    double rate = busy.isEmpty() ? 0 : options.rateOfEach(kind, busy.size());
    int port = Spectators.freePort();
    var directory = BenchDirectory.create();
    var watched =
        OurTicker.answeringOn(port, testbed, options.period(), options.jvmOptions(), directory);
    Figures figures = new Figures();
    try (Load load = Load.start(busy, rate, options.maxLag())) {
      var one =
          new TickerRun(testbed, load, rate, Settling.alone(options.settle()), options.window());
      for (int run = 1; run <= options.runs(); run++) {
        narrator.say("load=%s run %d of %d: not watched".formatted(kind, run, options.runs()));
        figures.add("unwatched", one.of(unwatched));
        narrator.say("load=%s run %d of %d: watched".formatted(kind, run, options.runs()));
        try (var spectators = new Spectators(port, options.settle().dividedBy(2))) {
          figures.add(Figures.OURS, one.of(watched));
          spectators.requireAnswers();
        }
      }
    }
    return figures;
  }

  private Figures straddlers(Testbed testbed, List<Ticker> tickers)
      throws SQLException, InterruptedException {
    List<Source> some = testbed.sources().stream().limit(options.straddlers()).toList();
    Figures figures = new Figures();
    for (Ticker ticker : tickers) {
      narrator.say(
          "%d transactions that straddle a tick: %s (waits up to %d s)"
              .formatted(some.size(), ticker.name(), options.straddlerWait().toSeconds()));
      testbed.wake();
      Instant start = Instant.now();
      try (Running running = ticker.start()) {
        var _ = TickTimes.awaitFirst(testbed.all(), start, TickerRun.START_TIMEOUT, running);
        Thread.sleep(options.straddlerQuiet());
        Straddlers.millis(some, ticker.period(), options.straddlerWait())
            .forEach(millis -> figures.add(ticker.name(), "straddler_ms", millis));
        running.stop();
      }
    }
    return figures;
  }

  private Figures once(Testbed testbed, OurTicker ours) throws InterruptedException {
    Figures figures = new Figures();
    narrator.say("ticker once, as at an installation");
    try (Child training = ours.train()) {
      training.requireEnd();
    }
    for (int run = 1; run <= options.runs(); run++) {
      narrator.say("ticker once, run %d of %d".formatted(run, options.runs()));
      testbed.wake();
      long start = System.nanoTime();
      try (Child once = ours.once()) {
        double peak = 0;
        while (once.isRunning()) {
          peak = Math.max(peak, Proc.peakMegabytes(once.pid()).orElse(0));
          Thread.sleep(2);
        }
        double seconds = (System.nanoTime() - start) / 1e9;
        once.requireEnd();
        figures.add(ours.name(), "once_s", seconds);
        figures.add(ours.name(), "once_rss_peak_mb", peak);
      }
    }
    return figures;
  }

  private void sick(Testbed testbed, List<Ticker> tickers)
      throws SQLException, InterruptedException {
    var sick = new SickServer(testbed, options);
    Figures figures = new Figures();
    for (int run = 1; run <= options.runs(); run++) {
      for (Ticker ticker : tickers) {
        narrator.say(
            "one of %d clusters freezes, run %d of %d: %s"
                .formatted(options.clusters(), run, options.runs(), ticker.name()));
        figures.add(ticker.name(), sick.run(ticker));
      }
    }
    print(testbed, LoadKind.BUSY16, figures);
    sick.require(figures.median(Figures.OURS, SickServer.JITTER_P99));
  }

  private void print(Testbed testbed, LoadKind load, Figures figures) {
    String conditions =
        String.format(
            Locale.ROOT,
            "databases=%d clusters=%d period_ms=%d peer_period_ms=%d load=%s",
            testbed.sources().size(),
            options.clusters(),
            options.period().toMillis(),
            options.peerPeriod().toMillis(),
            load);
    for (String line : figures.lines("bench=ticker", conditions)) {
      out.println(line);
      printed++;
    }
    out.flush();
  }
}
