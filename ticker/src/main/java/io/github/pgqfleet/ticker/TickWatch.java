package io.github.pgqfleet.ticker;

import io.github.pgqfleet.lifecycle.Health;
import java.time.Duration;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.HashSet;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells health of each database that has not been ticked for many periods, whatever the reason, and
 * writes the line of figures. The two may be in different threads, each in one alone.
 */
final class TickWatch {

  private static final Logger log = LoggerFactory.getLogger(TickWatch.class);

  /** How often to look. */
  static final Duration LOOK_EVERY = Duration.ofSeconds(1);

  private final FleetStates states;
  private final Health health;
  private final TickerMetrics metrics;
  private final InstantSource clock;
  private Set<String> silent = new HashSet<>();

  TickWatch(FleetStates states, Health health, TickerMetrics metrics, InstantSource clock) {
    this.states = states;
    this.health = health;
    this.metrics = metrics;
    this.clock = clock;
  }

  /** Tells health of what is silent now. */
  void look() {
    var now = clock.instant();
    var nowSilent = new HashSet<String>();
    for (var state : states.all()) {
      if (state.isSilent(now)) {
        var part = "ticks " + state.database();
        nowSilent.add(part);
        health.report(
            part, "not ticked since " + state.lastProgress().truncatedTo(ChronoUnit.SECONDS));
      }
    }
    silent.removeAll(nowSilent);
    silent.forEach(health::resolve);
    silent = nowSilent;
  }

  /** Writes the line of figures. */
  void figures() {
    log.info(
        "event=figures databases={} leading={} looks={} ticks={} failures={} problems={} alarms={}"
            + " jitter_p99_ms={}",
        states.all().size(),
        states.leading(),
        metrics.looks(),
        metrics.ticks(),
        metrics.failures(),
        health.problems().size(),
        health.warnings().size(),
        metrics.jitterP99().toMillis());
  }
}
