package io.github.pgqfleet.ticker.page;

import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;

/**
 * How many events a queue got in each of the last minutes' steps, by its event sequence.
 * Thread-safe.
 */
final class Rates {

  /** The time for which one value stands. */
  static final Duration STEP = Duration.ofSeconds(10);

  /** How many values are kept: five minutes. */
  static final int STEPS = 30;

  private final long[] steps = new long[STEPS];
  private final double[] events = new double[STEPS];

  Rates() {
    Arrays.fill(steps, Long.MIN_VALUE);
  }

  /** The number of the step in which an instant lies. */
  static long step(Instant instant) {
    return Math.floorDiv(instant.toEpochMilli(), STEP.toMillis());
  }

  /** So many events came between two moments, spread evenly as far as is known. */
  synchronized void add(long number, Instant from, Instant to) {
    var whole = Math.max(1, Duration.between(from, to).toMillis());
    for (var step = Math.max(step(from), step(to) - STEPS + 1); step <= step(to); step++) {
      var begin = Math.max(from.toEpochMilli(), step * STEP.toMillis());
      var end = Math.min(from.toEpochMilli() + whole, (step + 1) * STEP.toMillis());
      add(step, (double) number * Math.max(0, end - begin) / whole);
    }
  }

  private void add(long step, double number) {
    var at = (int) Math.floorMod(step, (long) STEPS);
    if (steps[at] != step) {
      steps[at] = step;
      events[at] = 0;
    }
    events[at] += number;
  }

  /**
   * Adds what is known to sums of events a second.
   *
   * @param sums of the {@link #STEPS} steps up to the last, the oldest first
   */
  synchronized void addTo(double[] sums, long last) {
    for (var i = 0; i < STEPS; i++) {
      var step = last - STEPS + 1 + i;
      var at = (int) Math.floorMod(step, (long) STEPS);
      if (steps[at] == step) {
        sums[i] += events[at] / STEP.toSeconds();
      }
    }
  }
}
