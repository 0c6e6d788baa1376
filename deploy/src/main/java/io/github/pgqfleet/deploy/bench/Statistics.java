package io.github.pgqfleet.deploy.bench;

import java.util.Collection;
import java.util.List;

/** The few that are needed. Stateless. */
final class Statistics {
  private Statistics() {}

  /** The middle value, or the mean of the two in the middle. */
  static double median(Collection<Double> values) {
    List<Double> sorted = sorted(values);
    int size = sorted.size();
    return (sorted.get((size - 1) / 2) + sorted.get(size / 2)) / 2;
  }

  /** The least value that is not below this share of the values. */
  static double percentile(Collection<Double> values, double share) {
    List<Double> sorted = sorted(values);
    int rank = (int) Math.ceil(share * sorted.size());
    return sorted.get(Math.max(rank, 1) - 1);
  }

  private static List<Double> sorted(Collection<Double> values) {
    if (values.isEmpty()) {
      throw new IllegalArgumentException("no values");
    }
    return values.stream().sorted().toList();
  }
}
