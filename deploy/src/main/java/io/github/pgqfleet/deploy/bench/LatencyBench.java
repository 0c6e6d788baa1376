package io.github.pgqfleet.deploy.bench;

import java.io.PrintStream;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.Locale;

/**
 * From an application's INSERT to the handler, through our three processes, against pgqd, Skytools'
 * mover and its cooperative consumer, top-down. For one thread.
 */
final class LatencyBench {
  private final LatencyOptions options;
  private final Narrator narrator;
  private final PrintStream out;

  LatencyBench(LatencyOptions options, Narrator narrator, PrintStream out) {
    this.options = options;
    this.narrator = narrator;
    this.out = out;
  }

  /**
   * Measures and prints.
   *
   * @throws BenchFailure when it cannot, or a chain loses or doubles an event
   */
  void run() throws SQLException, InterruptedException {
    narrator.say(
        ("%d source database(s) on %d private PostgreSQL cluster(s), the destination on one of its"
                + " own; commits reach the disk on all")
            .formatted(options.databases(), options.clusters()));
    Figures figures = new Figures();
    String conditions;
    try (Testbed testbed =
        Testbed.create(Purpose.CHAINS, options.clusters(), options.databases())) {
      Ground.prepare(testbed, Testbed.QUEUES);
      Chain ours = ours(testbed);
      Chain peer = peer(testbed);
      conditions = conditions(ours, peer);
      var one = new LatencyRun(testbed, options.settle(), options.window());
      for (int run = 1; run <= options.runs(); run++) {
        for (Chain chain : List.of(ours, peer)) {
          narrator.say("run %d of %d: %s".formatted(run, options.runs(), chain.name()));
          figures.add(chain.name(), one.of(chain));
        }
      }
    }
    List<String> lines = figures.lines("bench=latency", conditions);
    lines.forEach(out::println);
    out.printf(
        Locale.ROOT,
        "bench=latency done figures=%d elapsed_s=%d%n",
        lines.size(),
        narrator.elapsed().toSeconds());
  }

  private Chain ours(Testbed testbed) {
    Moved moved = Moved.everything(testbed);
    JarOptions mover = options.mover();
    return new Chain(
        moved,
        options.rate(),
        new OurTicker(testbed, options.period(), options.tickerJvm(), BenchDirectory.create()),
        new OurMover(testbed, moved, mover.jvmOptions(), mover.settings(), BenchDirectory.create()),
        new OurWorkers(
            testbed,
            moved.queues(),
            options.workers(),
            Handling.SQL::handler,
            options.worker(),
            BenchDirectory.create()));
  }

  /** It has one queue, and a ticker that has nothing else to do. */
  private Chain peer(Testbed testbed) {
    Source source = testbed.sources().getFirst();
    Moved moved = new Moved(List.of(source), List.of(Testbed.LOADED));
    List<Source> ticked = List.of(source, testbed.destination());
    Path directory = BenchDirectory.create();
    return new Chain(
        moved,
        options.rate(),
        new Pgqd(testbed, ticked, options.period(), directory),
        new Skytools(testbed, moved, 1, options.period(), directory),
        new SkytoolsWorkers(testbed, Testbed.LOADED, 1, options.period(), directory));
  }

  private String conditions(Chain ours, Chain peer) {
    return String.format(
        Locale.ROOT,
        "databases=%d clusters=%d queues=%d peer_queues=%d events_per_s=%.0f workers=%d"
            + " period_ms=%d max_lag_ms=%d",
        options.databases(),
        options.clusters(),
        ours.moved().size(),
        peer.moved().size(),
        options.rate(),
        options.workers(),
        options.period().toMillis(),
        Purpose.CHAINS_MAX_LAG.toMillis());
  }
}
