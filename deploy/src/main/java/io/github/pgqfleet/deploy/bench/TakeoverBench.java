package io.github.pgqfleet.deploy.bench;

import io.github.pgqfleet.deploy.bench.MoverTakeover.Loss;
import io.github.pgqfleet.deploy.bench.TakeoverOptions.Part;
import java.io.PrintStream;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;

/**
 * How long events wait when a mover, a worker or a server of the sources is lost, top-down. For one
 * thread.
 */
final class TakeoverBench {

  /** An event a queue and second: what is measured is nobody's speed. */
  private static final Backlog.Size LIGHT = new Backlog.Size(1, 0, 1, 200);

  private static final int BATCH_EVENTS = 4;

  private final TakeoverOptions options;
  private final Narrator narrator;
  private final PrintStream out;
  private int printed;

  TakeoverBench(TakeoverOptions options, Narrator narrator, PrintStream out) {
    this.options = options;
    this.narrator = narrator;
    this.out = out;
  }

  /**
   * Measures and prints everything that was asked for.
   *
   * @throws BenchFailure when it cannot, or an event is lost or doubled
   */
  void run() throws SQLException, InterruptedException {
    if (options.parts().contains(Part.MOVER) || options.parts().contains(Part.SERVER)) {
      narrator.say(
          ("%d source database(s) on %d private PostgreSQL cluster(s), the destination on one of"
                  + " its own; commits reach the disk on all")
              .formatted(options.databases(), options.clusters()));
      try (Testbed testbed =
          Testbed.create(Purpose.MOVERS, options.clusters(), options.databases())) {
        if (options.parts().contains(Part.MOVER)) {
          mover(testbed);
        }
        if (options.parts().contains(Part.SERVER)) {
          server(testbed);
        }
      }
    }
    if (options.parts().contains(Part.WORKER)) {
      narrator.say("one queue on a private PostgreSQL cluster; commits reach the disk");
      try (Testbed testbed = Testbed.create(Purpose.WORKERS, 0, 0)) {
        worker(testbed);
      }
    }
    out.printf(
        Locale.ROOT,
        "bench=takeover done figures=%d elapsed_s=%d%n",
        printed,
        narrator.elapsed().toSeconds());
  }

  private void mover(Testbed testbed) throws SQLException, InterruptedException {
    Figures figures = new Figures();
    Mover mover = ourMover(testbed);
    var one = new MoverTakeover(testbed, load(testbed), options.settle(), narrator);
    for (int run = 1; run <= options.runs(); run++) {
      say(Part.MOVER, run, "one of two is killed");
      add(figures, mover.name(), "mover_takeover_s", one.of(mover, Loss.KILLED));
      say(Part.MOVER, run, "one of two freezes");
      add(figures, mover.name(), "mover_frozen_takeover_s", one.of(mover, Loss.FROZEN));
    }
    print(figures, size(testbed) + " heartbeat_ms=" + options.heartbeat().toMillis());
  }

  private void server(Testbed testbed) throws SQLException, InterruptedException {
    var outage = new Outage(testbed, options.outage());
    var one = new Recovery(testbed, load(testbed), outage, options.settle());
    Mover mover = ourMover(testbed);
    Figures figures = new Figures();
    for (int run = 1; run <= options.runs(); run++) {
      say(Part.SERVER, run, "our mover");
      add(figures, mover.name(), "mover_recovery_s", one.of(mover));
    }
    String conditions = size(testbed) + " outage_ms=" + options.outage().toMillis();
    print(figures, conditions);
    // After all movers, which would find events that a ticker's runs leave without a tick.
    List<Ticker> tickers =
        List.of(
            new OurTicker(testbed, options.period(), options.tickerJvm(), BenchDirectory.create()),
            new Pgqd(testbed, testbed.all(), options.period(), BenchDirectory.create()));
    Figures ticked = new Figures();
    for (int run = 1; run <= options.runs(); run++) {
      for (Ticker ticker : tickers) {
        say(Part.SERVER, run, "ticker, " + ticker.name());
        add(ticked, ticker.name(), "ticker_recovery_s", one.of(ticker));
      }
    }
    print(ticked, conditions + " period_ms=" + options.period().toMillis());
  }

  private void worker(Testbed testbed) throws SQLException, InterruptedException {
    Ground.prepare(testbed, List.of(Stage.QUEUE));
    // Two batches for each sub-consumer of both, after one that it begins with.
    Backlog.Size each = new Backlog.Size(3, 1, BATCH_EVENTS, 200);
    Stage stage = Stage.write(testbed, Part.WORKER.toString(), 2 * options.workers(), each);
    Workers victim = ourWorkers(testbed, WorkerTakeover.VICTIM);
    Workers heir = ourWorkers(testbed, WorkerTakeover.HEIR);
    var one = new WorkerTakeover(testbed, options.deadInterval(), options.settle());
    Figures figures = new Figures();
    for (int run = 1; run <= options.runs(); run++) {
      say(Part.WORKER, run, "one of two is killed");
      add(figures, heir.name(), "worker_takeover_s", one.of(victim, heir, stage));
    }
    print(
        figures,
        "workers=%d batch_events=%d dead_interval_ms=%d hold_ms=%d"
            .formatted(
                options.workers(),
                BATCH_EVENTS,
                options.deadInterval().toMillis(),
                options.hold().toMillis()));
  }

  private static SteadyLoad load(Testbed testbed) {
    return new SteadyLoad(Moved.everything(testbed), LIGHT);
  }

  private Mover ourMover(Testbed testbed) {
    return new OurMover(
        testbed,
        Moved.everything(testbed),
        options.mover().jvmOptions(),
        options.mover().settings() + "\nheartbeat = %dms".formatted(options.heartbeat().toMillis()),
        BenchDirectory.create());
  }

  private Workers ourWorkers(Testbed testbed, String instance) {
    long dead = options.deadInterval().toMillis();
    // The heartbeat's part of the dead interval is that of reference.conf.
    String settings =
        "%s%ninstance = %s%ndead-interval = %dms%nheartbeat-interval = %dms"
            .formatted(options.worker().settings(), instance, dead, dead / 6);
    return new OurWorkers(
        testbed,
        List.of(Stage.QUEUE),
        options.workers(),
        _ -> Handling.waiting(options.hold().dividedBy(BATCH_EVENTS)),
        new JarOptions(options.worker().jvmOptions(), settings),
        BenchDirectory.create());
  }

  private String size(Testbed testbed) {
    return "databases=%d clusters=%d queues=%d"
        .formatted(options.databases(), options.clusters(), Moved.everything(testbed).size());
  }

  private static void add(Figures figures, String candidate, String figure, Duration time) {
    figures.add(candidate, figure, time.toMillis() / 1e3);
  }

  private void say(Part part, int run, String what) {
    narrator.say("%s run %d of %d: %s".formatted(part, run, options.runs(), what));
  }

  private void print(Figures figures, String conditions) {
    for (String line : figures.lines("bench=takeover", conditions)) {
      out.println(line);
      printed++;
    }
    out.flush();
  }
}
