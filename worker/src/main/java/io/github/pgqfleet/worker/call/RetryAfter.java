package io.github.pgqfleet.worker.call;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;

/** Until when an endpoint has asked not to be called. Thread-safe. */
final class RetryAfter {

  private static final Duration LONGEST = Duration.ofHours(1);

  private final InstantSource clock;
  private volatile Instant until = Instant.MIN;

  RetryAfter(InstantSource clock) {
    this.clock = clock;
  }

  /** Takes a header's value: seconds, or a date. Anything else, and more than an hour, is cut. */
  void heed(String value) {
    var now = clock.instant();
    var asked = instant(value.strip(), now);
    until = asked.isAfter(now.plus(LONGEST)) ? now.plus(LONGEST) : asked;
  }

  private static Instant instant(String value, Instant now) {
    try {
      return value.matches("\\d{1,9}")
          ? now.plusSeconds(Long.parseLong(value))
          : ZonedDateTime.parse(value, DateTimeFormatter.RFC_1123_DATE_TIME).toInstant();
    } catch (DateTimeException e) {
      return now;
    }
  }

  /** How long it still lasts; zero when it is over. */
  Duration left() {
    var now = clock.instant();
    return until.isAfter(now) ? Duration.between(now, until) : Duration.ZERO;
  }
}
