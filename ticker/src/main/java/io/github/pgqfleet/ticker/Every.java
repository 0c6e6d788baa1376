package io.github.pgqfleet.ticker;

import java.time.Duration;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;

/**
 * Something done each period by one who passes by more often. The first time is at random within
 * the period, so that what starts together does not stay together. Not thread-safe.
 */
final class Every {

  private final long period;
  private final LongSupplier nanoClock;
  private long next;

  Every(Duration period, LongSupplier nanoClock, RandomGenerator random) {
    this.period = period.toNanos();
    this.nanoClock = nanoClock;
    this.next = nanoClock.getAsLong() + (long) (this.period * random.nextDouble());
  }

  /** Whether the time has come; each time is said once. */
  boolean isDue() {
    var now = nanoClock.getAsLong();
    if (now - next < 0) {
      return false;
    }
    next = now + period;
    return true;
  }

  /** How long until the time comes. */
  Duration untilDue() {
    return Duration.ofNanos(Math.max(1, next - nanoClock.getAsLong()));
  }
}
