package io.github.pgqfleet.lifecycle;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * Waits that double up to a bound, each shortened at random by up to half, so that what failed
 * together does not come back together. Not thread-safe.
 */
public final class Backoff {

  private final Duration first;
  private final Duration longest;
  private final RandomGenerator random;
  private Duration next;

  public Backoff(Duration first, Duration longest) {
    this(first, longest, RandomGenerator.getDefault());
  }

  Backoff(Duration first, Duration longest, RandomGenerator random) {
    this.first = first;
    this.longest = longest;
    this.random = random;
    this.next = first;
  }

  /** How long to wait this time; the following wait will be about twice as long. */
  public Duration next() {
    var full = next;
    var doubled = next.multipliedBy(2);
    next = doubled.compareTo(longest) > 0 ? longest : doubled;
    return Duration.ofNanos((long) (full.toNanos() * (0.5 + random.nextDouble() / 2)));
  }

  /** Begins again with the shortest wait. */
  public void reset() {
    next = first;
  }
}
