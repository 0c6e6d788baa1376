package io.github.pgqfleet.ticker;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * How long this process is meant to tick: for ever, or with {@code --for} until the next start has
 * taken over. Begins when it is made. Thread-safe.
 */
final class Lifetime {

  private static final Duration NEVER = Duration.ofDays(366);

  private final long begin = System.nanoTime();
  private final Optional<Duration> length;

  Lifetime(Optional<Duration> length) {
    this.length = length;
  }

  /** Whether it has an end. */
  boolean isBounded() {
    return length.isPresent();
  }

  /** Whether the next start should take over now. */
  boolean isOver() {
    return length.isPresent() && left(length.get()) <= 0;
  }

  /** Whether no next start has come for as long again, so that waiting for one makes no sense. */
  boolean isLongOver() {
    return length.isPresent() && left(length.get().multipliedBy(2)) <= 0;
  }

  /** How long until then. */
  Duration untilOver() {
    return length.isPresent() ? Duration.ofNanos(Math.max(1, left(length.get()))) : NEVER;
  }

  /** Waits until it is over. */
  void awaitOver() throws InterruptedException {
    if (length.isPresent()) {
      TimeUnit.NANOSECONDS.sleep(Math.max(0, left(length.get())));
    } else {
      new CountDownLatch(1).await();
    }
  }

  private long left(Duration of) {
    return begin + of.toNanos() - System.nanoTime();
  }
}
