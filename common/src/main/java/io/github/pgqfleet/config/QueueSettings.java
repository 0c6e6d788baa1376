package io.github.pgqfleet.config;

import java.time.Duration;

/**
 * The settings that {@code provision} gives a queue, through {@code pgq.set_queue_config}.
 * Immutable.
 *
 * @param tickerMaxCount {@code ticker_max_count}: new events that bring a tick at once
 * @param tickerMaxLag {@code ticker_max_lag}: the longest that new events wait for a tick
 * @param tickerIdlePeriod {@code ticker_idle_period}: how often a queue without events is ticked
 * @param rotationPeriod {@code rotation_period}: how often the event tables are rotated
 */
public record QueueSettings(
    int tickerMaxCount, Duration tickerMaxLag, Duration tickerIdlePeriod, Duration rotationPeriod) {

  private static final Duration MOMENT = Duration.ofMillis(1);
  private static final Duration YEAR = Duration.ofDays(366);

  static QueueSettings read(Section section) {
    return new QueueSettings(
        section.integer("ticker-max-count", 1, Integer.MAX_VALUE),
        section.duration("ticker-max-lag", MOMENT, YEAR),
        section.duration("ticker-idle-period", MOMENT, YEAR),
        section.duration("rotation-period", Duration.ofSeconds(1), YEAR));
  }
}
