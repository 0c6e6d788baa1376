package io.github.pgqfleet.deploy.bench;

import java.sql.SQLException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One run of one mover in the steady state: a batch a queue a second, made by the benchmark's own
 * load. For one thread.
 */
final class SteadyRun {
  static final String CPU = "cpu_per_batch";

  /** Who needs longer than this for what is left after the load has ended does not keep up. */
  private static final Duration MOST_DRAIN = Duration.ofSeconds(5);

  private final Testbed testbed;
  private final Moved moved;
  private final SteadyLoad writing;
  private final Duration settle;
  private final Duration window;

  /**
   * Does nothing yet.
   *
   * @param moved the queues that the load writes into
   * @param size of the batches
   * @param settle how long a mover is left alone after its first batches
   * @param window how long they are measured
   */
  SteadyRun(Testbed testbed, Moved moved, Backlog.Size size, Duration settle, Duration window) {
    this.testbed = testbed;
    this.moved = moved;
    this.writing = new SteadyLoad(moved, size);
    this.settle = settle;
    this.window = window;
  }

  /**
   * What the load and the ticks alone cost.
   *
   * @throws BenchFailure when the window is too short for the load
   */
  Map<String, Double> alone() throws SQLException, InterruptedException {
    testbed.checkpoint();
    try (Load load = writing.start()) {
      load.sleepThrough(settle, null);
      return window(load, null);
    }
  }

  /**
   * Figures by name.
   *
   * @param alone what {@link #alone} said just before
   * @throws BenchFailure when the mover fails, does not keep up, or delivers other events than
   *     those of the load
   */
  Map<String, Double> of(Mover mover, Map<String, Double> alone)
      throws SQLException, InterruptedException {
    try (var run = SteadyDelivery.prepare(testbed, writing, mover);
        Running running = mover.start()) {
      Map<String, Double> figures;
      try (Load load = writing.start()) {
        run.awaitBegin(running);
        load.sleepThrough(settle, running);
        figures = window(load, running);
      }
      alone.forEach((figure, spent) -> figures.merge(figure, -spent, Double::sum));
      Duration drain = run.finish(MOST_DRAIN, running);
      if (drain.compareTo(MOST_DRAIN) > 0) {
        throw new BenchFailure(
            "%s does not keep up with %d batches a second: it needed %d s for what was left"
                .formatted(mover.name(), moved.size(), drain.toSeconds()));
      }
      return figures;
    }
  }

  private Map<String, Double> window(Load load, @Nullable Running running)
      throws SQLException, InterruptedException {
    Spent spent = testbed.counting() ? Spent.of(testbed) : null;
    Usage before = Usage.of(testbed, running);
    load.startWindow();
    load.sleepThrough(window, running);
    double batches = (double) load.endWindow().size() * moved.queues().size();
    if (batches == 0) {
      throw new BenchFailure("nothing was written within a window; take a longer one (--seconds)");
    }
    Usage used = Usage.of(testbed, running).since(before);
    Map<String, Double> figures = new LinkedHashMap<>();
    figures.put(CPU, millis(used.total()) / batches);
    if (running != null) {
      figures.put("own_cpu_per_batch", millis(used.own()) / batches);
      figures.put("steady_cpu", used.percent(used.total()));
      figures.put("steady_rss_mb", running.residentMegabytes());
    }
    if (spent != null) {
      figures.putAll(Spent.of(testbed).perBatch(spent, batches));
    }
    return figures;
  }

  private static double millis(Duration cpu) {
    return cpu.toNanos() / 1e6;
  }
}
