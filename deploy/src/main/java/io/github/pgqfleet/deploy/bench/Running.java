package io.github.pgqfleet.deploy.bench;

import java.time.Duration;
import java.util.List;
import java.util.OptionalDouble;
import java.util.function.ToDoubleFunction;

/** A ticker's processes at work. For one thread. */
record Running(List<Child> children) implements AutoCloseable {

  Running {
    children = List.copyOf(children);
  }

  /** CPU time used so far, by all of them. */
  Duration cpu() {
    return children.stream()
        .map(child -> Proc.cpu(child.pid()))
        .reduce(Duration.ZERO, Duration::plus);
  }

  double residentMegabytes() {
    return sum(child -> megabytes(Proc.residentMegabytes(child.pid())));
  }

  double peakMegabytes() {
    return sum(child -> megabytes(Proc.peakMegabytes(child.pid())));
  }

  private double sum(ToDoubleFunction<Child> figure) {
    return children.stream().mapToDouble(figure).sum();
  }

  private static double megabytes(OptionalDouble figure) {
    return figure.orElse(0);
  }

  /**
   * Checks that none has ended by itself.
   *
   * @throws BenchFailure with the end of its log when one has
   */
  void requireRunning() {
    children.forEach(Child::requireRunning);
  }

  /** The last lines of the logs, for an error message. */
  String endOfLogs() {
    return children.getFirst().endOfLog();
  }

  /** Stops all of them with SIGTERM. */
  void stop() throws InterruptedException {
    requireRunning();
    for (Child child : children) {
      child.stop();
    }
  }

  /** Kills those that still run. */
  @Override
  public void close() {
    children.forEach(Child::close);
  }
}
