package io.github.pgqfleet.ticker;

import io.github.pgqfleet.config.Section;
import java.time.Duration;
import java.util.Locale;

/** What is watched in a database beside its ticks. */
enum Watched {
  /** How old the first tick is that a consumer has not finished. */
  CONSUMER_LAG,
  /** How long nothing was heard of an open batch; it holds rotation back. */
  BATCH_AGE,
  /** How much later than its period the rotation of a queue's event tables is. */
  ROTATION_OVERDUE,
  /** How many events wait for their next attempt. */
  RETRY_QUEUE,
  /** How long a transaction has been open; it holds rotation and vacuum back. */
  TRANSACTION_AGE;

  /** The name in the configuration and in SQL. */
  String key() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  static Watched of(String key) {
    return valueOf(key.toUpperCase(Locale.ROOT).replace('-', '_'));
  }

  /** The limit that the configuration sets, in seconds or events. */
  long limit(Section alarms) {
    return this == RETRY_QUEUE
        ? alarms.integer(key(), 1, Integer.MAX_VALUE)
        : alarms.duration(key(), Duration.ofSeconds(1), Duration.ofDays(366)).toSeconds();
  }

  /** An amount in words. */
  String words(double amount) {
    if (this == RETRY_QUEUE) {
      return (long) amount + " events";
    }
    var text = Duration.ofSeconds((long) amount).toString().substring(2);
    return text.toLowerCase(Locale.ROOT);
  }
}
