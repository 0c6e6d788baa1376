package io.github.pgqfleet.ticker;

import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * A fixed rate without drift: what is late does not move what follows, and what was missed is left
 * out. Not thread-safe.
 */
final class Cadence {

  private final long period;
  private final LongSupplier nanoClock;
  private long due;

  /** Begins now. */
  Cadence(Duration period, LongSupplier nanoClock) {
    this.period = period.toNanos();
    this.nanoClock = nanoClock;
    this.due = nanoClock.getAsLong();
  }

  /** Goes on to the next time that is still ahead; how long until then. */
  Duration untilNext() {
    var now = nanoClock.getAsLong();
    var passed = Math.max(0, (now - due) / period);
    due += (passed + 1) * period;
    return Duration.ofNanos(due - now);
  }

  /** How long ago the current time was due. */
  Duration lateness() {
    return Duration.ofNanos(Math.max(0, nanoClock.getAsLong() - due));
  }
}
