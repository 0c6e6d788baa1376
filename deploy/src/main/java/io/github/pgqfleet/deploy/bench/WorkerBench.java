package io.github.pgqfleet.deploy.bench;

import io.github.pgqfleet.deploy.bench.WorkerOptions.Part;
import java.io.PrintStream;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.UnaryOperator;

/**
 * Our workers against Skytools', top-down: how fast they are with handlers that do one INSERT an
 * event, and how many of ours can wait at the same time. For one thread.
 */
final class WorkerBench {

  /** In a backlog only the moment before the release is slept through. */
  private static final Duration SHORT_DELAY = Duration.ofMillis(50);

  private final WorkerOptions options;
  private final Narrator narrator;
  private final PrintStream out;
  private int printed;

  WorkerBench(WorkerOptions options, Narrator narrator, PrintStream out) {
    this.options = options;
    this.narrator = narrator;
    this.out = out;
  }

  /**
   * Measures and prints everything that was asked for.
   *
   * @throws BenchFailure when it cannot, or a worker is wrong
   */
  void run() throws SQLException, InterruptedException {
    narrator.say("one queue on a private PostgreSQL cluster; commits reach the disk");
    try (Testbed testbed = Testbed.create(Purpose.WORKERS, 0, 0)) {
      Ground.prepare(testbed, List.of(Stage.QUEUE));
      if (options.parts().contains(Part.INSERT)) {
        inserting(testbed);
      }
      if (options.parts().contains(Part.WAIT)) {
        waiting(testbed);
      }
    }
    out.printf(
        Locale.ROOT,
        "bench=worker done figures=%d elapsed_s=%d%n",
        printed,
        narrator.elapsed().toSeconds());
  }

  /** A number of workers with its backlog, ours in several ways, and what was measured of them. */
  private record Trial(Stage stage, List<Variant> variants, Workers peer) {}

  private record Variant(Handling handling, Workers ours, Figures figures) {}

  private void inserting(Testbed testbed) throws SQLException, InterruptedException {
    List<Trial> trials = new ArrayList<>();
    for (Stage stage : stages(testbed, Part.INSERT, options.inserting(), options.insertSize())) {
      trials.add(
          new Trial(
              stage,
              options.handlings().stream()
                  .map(how -> new Variant(how, ours(testbed, stage, how::handler), new Figures()))
                  .toList(),
              new SkytoolsWorkers(
                  testbed, Stage.QUEUE, stage.workers(), SHORT_DELAY, BenchDirectory.create())));
    }
    var one = new WorkerRun(testbed, options.settle());
    for (int run = 1; run <= options.runs(); run++) {
      for (Trial trial : trials) {
        for (Variant variant : trial.variants()) {
          say(Part.INSERT, run, trial.stage(), "ours, handler=" + variant.handling());
          variant.figures().add(Figures.OURS, one.of(variant.ours(), trial.stage()));
        }
        say(Part.INSERT, run, trial.stage(), trial.peer().name());
        Map<String, Double> measured = one.of(trial.peer(), trial.stage());
        trial.variants().forEach(variant -> variant.figures().add(trial.peer().name(), measured));
      }
    }
    for (Trial trial : trials) {
      for (Variant variant : trial.variants()) {
        print(
            variant.figures(),
            "handler=%s workers=%d %s"
                .formatted(
                    variant.handling(),
                    trial.stage().workers(),
                    conditions(trial.stage(), options.insertSize())));
      }
    }
  }

  /** All are compared with the first number of workers. */
  private void waiting(Testbed testbed) throws SQLException, InterruptedException {
    List<Stage> stages = stages(testbed, Part.WAIT, options.waiting(), options.waitSize());
    List<Figures> figures = stages.stream().map(_ -> new Figures()).toList();
    var one = new WorkerRun(testbed, options.settle());
    for (int run = 1; run <= options.runs(); run++) {
      double rateOfFirst = 0;
      for (int number = 0; number < stages.size(); number++) {
        Stage stage = stages.get(number);
        say(Part.WAIT, run, stage, Figures.OURS);
        Workers ours = ours(testbed, stage, _ -> Handling.waiting(options.pause()));
        Map<String, Double> measured = one.of(ours, stage);
        figures.get(number).add(Figures.OURS, measured);
        if (number == 0) {
          rateOfFirst = measured.getOrDefault(WorkerRun.RATE, 0.0);
        } else {
          String first = "workers_" + stages.getFirst().workers();
          figures.get(number).add(first, WorkerRun.RATE, rateOfFirst);
        }
      }
    }
    for (int number = 0; number < stages.size(); number++) {
      Stage stage = stages.get(number);
      print(
          figures.get(number),
          "handler=wait wait_ms=%d workers=%d %s"
              .formatted(
                  options.pause().toMillis(),
                  stage.workers(),
                  conditions(stage, options.waitSize())));
    }
  }

  private List<Stage> stages(Testbed testbed, Part part, List<Integer> workers, Backlog.Size each)
      throws SQLException, InterruptedException {
    List<Stage> stages = new ArrayList<>();
    for (int number : workers) {
      narrator.say("%s: writing the backlog of %d workers".formatted(part, number));
      stages.add(Stage.write(testbed, part.toString(), number, each));
    }
    return stages;
  }

  private Workers ours(Testbed testbed, Stage stage, UnaryOperator<String> handler) {
    return new OurWorkers(
        testbed,
        List.of(Stage.QUEUE),
        stage.workers(),
        handler,
        options.process(),
        BenchDirectory.create());
  }

  private void say(Part part, int run, Stage stage, String who) {
    narrator.say(
        "%s run %d of %d, %d workers: %s"
            .formatted(part, run, options.runs(), stage.workers(), who));
  }

  private static String conditions(Stage stage, Backlog.Size each) {
    return "batch_events=%d event_bytes=%d events=%d"
        .formatted(each.batchEvents(), each.eventBytes(), stage.backlog().events());
  }

  private void print(Figures figures, String conditions) {
    for (String line : figures.lines("bench=worker", conditions)) {
      out.println(line);
      printed++;
    }
    out.flush();
  }
}
