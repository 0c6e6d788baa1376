package io.github.pgqfleet.deploy.bench;

import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * CPU time used up to a moment, or between two.
 *
 * @param nanos the moment, of {@link System#nanoTime}, or the time between the two
 * @param clusters by every process of each cluster, in the testbed's order
 * @param own by the candidate's processes
 */
record Usage(long nanos, List<Duration> clusters, Duration own) {

  Usage {
    clusters = List.copyOf(clusters);
  }

  /** Up to now; {@code running} is null when there is no candidate. */
  static Usage of(Testbed testbed, @Nullable Running running) {
    List<Duration> clusters =
        testbed.clusters().stream()
            .map(cluster -> Proc.cpuOfTree(Testbed.postmaster(cluster)))
            .toList();
    Duration own = running == null ? Duration.ZERO : running.cpu();
    return new Usage(System.nanoTime(), clusters, own);
  }

  /** What was used since an earlier moment, on the same testbed by the same candidate. */
  Usage since(Usage before) {
    return new Usage(
        nanos - before.nanos,
        IntStream.range(0, clusters.size())
            .mapToObj(number -> clusters.get(number).minus(before.clusters.get(number)))
            .toList(),
        own.minus(before.own));
  }

  /** By the candidate and by PostgreSQL. */
  Duration total() {
    return clusters.stream().reduce(own, Duration::plus);
  }

  /** A part of this, in percent of one core. */
  double percent(Duration cpu) {
    return 100.0 * cpu.toNanos() / nanos;
  }

  /** CPU for 1,000 events, in ms. */
  static double millisPer1000(Duration cpu, long events) {
    return cpu.toNanos() / 1e6 / (events / 1000.0);
  }
}
