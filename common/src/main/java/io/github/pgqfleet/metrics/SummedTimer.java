package io.github.pgqfleet.metrics;

import com.codahale.metrics.Timer;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;

/** A timer that also keeps the sum of all durations, which Dropwizard's does not. Thread-safe. */
final class SummedTimer extends Timer {

  private final LongAdder nanos = new LongAdder();

  @Override
  public void update(long duration, TimeUnit unit) {
    nanos.add(unit.toNanos(duration));
    super.update(duration, unit);
  }

  @Override
  public void update(Duration duration) {
    update(duration.toNanos(), TimeUnit.NANOSECONDS);
  }

  double sumSeconds() {
    return nanos.sum() / 1e9;
  }
}
