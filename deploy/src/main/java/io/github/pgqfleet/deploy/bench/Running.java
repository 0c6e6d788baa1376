package io.github.pgqfleet.deploy.bench;

import java.time.Duration;
import java.util.List;
import java.util.OptionalDouble;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A candidate's processes at work. For one thread. */
record Running(List<Child> children) implements AutoCloseable {

  Running {
    children = List.copyOf(children);
  }

  /** The processes of two. */
  Running and(Running other) {
    return new Running(Stream.concat(children.stream(), other.children.stream()).toList());
  }

  /** CPU time used so far, by all of them and their descendants. */
  Duration cpu() {
    return children.stream()
        .map(child -> Proc.cpuOfTree(child.pid()))
        .reduce(Duration.ZERO, Duration::plus);
  }

  /** Resident memory now, of all of them and their descendants. */
  double residentMegabytes() {
    return sum(
        child -> child.tree().mapToDouble(pid -> megabytes(Proc.residentMegabytes(pid))).sum());
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
    return children.stream().map(Child::endOfLog).distinct().collect(Collectors.joining("\n"));
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
