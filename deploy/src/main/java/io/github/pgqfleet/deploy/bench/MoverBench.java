package io.github.pgqfleet.deploy.bench;

import io.github.pgqfleet.deploy.bench.MoverOptions.Coalesce;
import io.github.pgqfleet.deploy.bench.MoverOptions.Part;
import java.io.PrintStream;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Our mover against its peers, top-down: {@code mover-deep}, one queue with large batches, and
 * {@code mover-wide}, many queues with small ones. For one thread.
 */
final class MoverBench {

  /** In a backlog only the moment before the release is slept through. */
  private static final Duration SHORT_DELAY = Duration.ofMillis(50);

  /** Skytools' default. */
  private static final Duration DELAY = Duration.ofSeconds(1);

  private final String name;
  private final List<String> queues;
  private final MoverOptions options;
  private final Narrator narrator;
  private final PrintStream out;
  private int printed;

  /**
   * @param name of the benchmark, as it stands in the figures
   * @param queues that are moved
   */
  MoverBench(
      String name, List<String> queues, MoverOptions options, Narrator narrator, PrintStream out) {
    this.name = name;
    this.queues = List.copyOf(queues);
    this.options = options;
    this.narrator = narrator;
    this.out = out;
  }

  /**
   * Measures and prints everything that was asked for.
   *
   * @throws BenchFailure when it cannot, or a mover is wrong
   */
  void run() throws SQLException, InterruptedException {
    narrator.say(
        ("%d source database(s) on %d private PostgreSQL cluster(s), the destination on one of its"
                + " own; commits reach the disk on all")
            .formatted(options.databases(), options.clusters()));
    try (Testbed testbed =
        Testbed.create(
            Purpose.MOVERS, options.clusters(), options.databases(), options.statements())) {
      if (options.parts().contains(Part.BACKLOG)) {
        backlog(testbed, new Moved(testbed.sources(), queues));
      }
      if (options.parts().contains(Part.STEADY)) {
        List<Source> some = testbed.sources().subList(0, options.steadyDatabases());
        steady(testbed, new Moved(some, queues));
      }
    }
    out.printf(
        Locale.ROOT,
        "bench=%s done figures=%d elapsed_s=%d%n",
        name,
        printed,
        narrator.elapsed().toSeconds());
  }

  private void backlog(Testbed testbed, Moved moved) throws SQLException, InterruptedException {
    narrator.say("%d queues: writing the backlog".formatted(moved.size()));
    Backlog backlog = Backlog.write(moved, options.size());
    var one = new BacklogRun(testbed, moved, backlog, options.settle());
    List<Variant> variants =
        options.coalesce().stream()
            .map(how -> new Variant(how, ours(testbed, moved, how), new Figures()))
            .toList();
    List<Mover> peers = peers(testbed, moved, SHORT_DELAY);
    for (int run = 1; run <= options.runs(); run++) {
      for (Variant variant : variants) {
        say(Part.BACKLOG, run, "ours, coalesce=" + variant.coalesce());
        variant.figures().add(Figures.OURS, one.of(variant.ours()));
      }
      for (Mover peer : peers) {
        say(Part.BACKLOG, run, peer.name());
        Map<String, Double> measured = one.of(peer);
        variants.forEach(variant -> variant.figures().add(peer.name(), measured));
      }
    }
    for (Variant variant : variants) {
      print(
          variant.figures(),
          conditions(moved)
              + " events=%d warm_up_events=%d coalesce=%s"
                  .formatted(backlog.events(), backlog.warmUpEvents(), variant.coalesce()));
    }
  }

  /** Our mover, set up in a way, and what was measured of it and of the peers. */
  private record Variant(Coalesce coalesce, Mover ours, Figures figures) {}

  private void steady(Testbed testbed, Moved moved) throws SQLException, InterruptedException {
    var one = new SteadyRun(testbed, moved, options.size(), options.settle(), options.window());
    Figures figures = new Figures();
    List<Mover> movers =
        Stream.concat(
                Stream.of(ours(testbed, moved, Coalesce.DEFAULT)),
                peers(testbed, moved, DELAY).stream())
            .toList();
    for (int run = 1; run <= options.runs(); run++) {
      say(Part.STEADY, run, "the load alone");
      Map<String, Double> alone = one.alone();
      figures.add(Figures.NOBODY, alone);
      for (Mover mover : movers) {
        say(Part.STEADY, run, mover.name());
        figures.add(mover.name(), one.of(mover, alone));
      }
    }
    print(figures, conditions(moved) + " batches_per_s=" + moved.size());
  }

  private Mover ours(Testbed testbed, Moved moved, Coalesce coalesce) {
    return new OurMover(
        testbed,
        moved,
        options.jvmOptions(),
        coalesce.setting() + options.settings(),
        BenchDirectory.create());
  }

  private List<Mover> peers(Testbed testbed, Moved moved, Duration loopDelay) {
    Path directory = BenchDirectory.create();
    var skytools = new Skytools(testbed, moved, options.peerProcesses(), loopDelay, directory);
    return moved.size() == 1
        ? List.of(new PsqlPipe(testbed, moved, options.size(), directory), skytools)
        : List.of(skytools);
  }

  private void say(Part part, int run, String who) {
    narrator.say("%s run %d of %d: %s".formatted(part, run, options.runs(), who));
  }

  private String conditions(Moved moved) {
    return "databases=%d clusters=%d queues=%d batch_events=%d event_bytes=%d"
        .formatted(
            moved.sources().size(),
            options.clusters(),
            moved.size(),
            options.size().batchEvents(),
            options.size().eventBytes());
  }

  private void print(Figures figures, String conditions) {
    for (String line : figures.lines("bench=" + name, conditions)) {
      out.println(line);
      printed++;
    }
    out.flush();
  }
}
