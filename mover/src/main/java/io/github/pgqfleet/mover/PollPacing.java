package io.github.pgqfleet.mover;

import java.time.Duration;

/**
 * How long to wait before the next poll. Polls are for tickers that do not notify; while
 * notifications demonstrably arrive, which those of our ticker do at least each minute, they are
 * rare. All times are since the same moment. Not thread-safe.
 */
final class PollPacing {

  /** Two idle ticks of PgQ's default. */
  private static final Duration TRUST = Duration.ofMinutes(2);

  private static final Duration RARE = Duration.ofSeconds(30);

  private final Duration interval;
  private Duration trustedUntil = Duration.ZERO;
  private Duration suspectUntil = Duration.ZERO;

  /**
   * @param interval the pause where notifications are not to be relied on
   */
  PollPacing(Duration interval) {
    this.interval = interval;
  }

  /** A notification has arrived. */
  void notified(Duration now) {
    trustedUntil = now.plus(TRUST);
  }

  /** A poll has found a tick that nobody had notified: somebody ticks who does not. */
  void overlooked(Duration now) {
    suspectUntil = now.plus(TRUST);
  }

  /** The pause before the next poll. */
  Duration pause(Duration now) {
    var relied = now.compareTo(trustedUntil) < 0 && now.compareTo(suspectUntil) >= 0;
    return relied && RARE.compareTo(interval) > 0 ? RARE : interval;
  }
}
