package io.github.pgqfleet.worker.failed;

import io.github.pgqfleet.config.Section;
import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * How often and when failed events are tried again. Immutable.
 *
 * @param attempts how often an event is tried altogether; at least 1
 * @param firstDelay how long after its first failure an event comes again; it is twice as long
 *     after each of the next, and each delay is shortened at random by up to half
 * @param longestDelay bound on the delay
 */
public record RetryPolicy(int attempts, Duration firstDelay, Duration longestDelay) {

  private static final Duration LONGEST = Duration.ofDays(365);

  public RetryPolicy {
    if (attempts < 1 || firstDelay.isNegative() || longestDelay.compareTo(firstDelay) < 0) {
      throw new IllegalArgumentException(
          "no such policy: %d, %s, %s".formatted(attempts, firstDelay, longestDelay));
    }
  }

  /** Reads {@code worker.retry}, or a queue's own. */
  public static RetryPolicy read(Section section) {
    var first = section.duration("first-delay", Duration.ofMillis(1), LONGEST);
    var longest = section.duration("longest-delay", Duration.ofMillis(1), LONGEST);
    if (longest.compareTo(first) < 0) {
      section.problem("longest-delay", "must not be shorter than first-delay");
      longest = first;
    }
    return new RetryPolicy(Math.max(1, section.integer("attempts", 1, 10_000)), first, longest);
  }

  /**
   * Whether no attempt is left after the one that has just failed.
   *
   * @param retry the event's {@code ev_retry} at that attempt
   */
  public boolean isLastAttempt(int retry) {
    return retry >= attempts - 1;
  }

  /**
   * How long after a failure the event is to come again.
   *
   * @param retry the event's {@code ev_retry} at the attempt that failed
   */
  Duration delay(int retry, RandomGenerator random) {
    var full = firstDelay;
    for (int i = 0; i < retry && full.compareTo(longestDelay) < 0; i++) {
      full = full.multipliedBy(2);
    }
    full = full.compareTo(longestDelay) > 0 ? longestDelay : full;
    return Duration.ofMillis((long) (full.toMillis() * (0.5 + random.nextDouble() / 2)));
  }
}
