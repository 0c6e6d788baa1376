package io.github.pgqfleet.ticker.page;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/** Whether somebody watches the page: whoever asked for it a moment ago does. Thread-safe. */
final class Audience {

  /** A few times as long as a page waits between two requests. */
  private static final Duration PATIENCE = Duration.ofSeconds(12);

  private final InstantSource clock;
  private volatile Instant since = Instant.EPOCH;
  private volatile Instant until = Instant.EPOCH;

  Audience(InstantSource clock) {
    this.clock = clock;
  }

  /** Somebody asks; whether nobody was watching before. */
  synchronized boolean asks() {
    var now = clock.instant();
    var arrives = !isThereAt(now);
    if (arrives) {
      since = now;
    }
    until = now.plus(PATIENCE);
    return arrives;
  }

  boolean isThere() {
    return isThereAt(clock.instant());
  }

  /** Since when somebody has watched without a gap, when somebody does. */
  Instant since() {
    return since;
  }

  private boolean isThereAt(Instant instant) {
    return !instant.isAfter(until);
  }
}
