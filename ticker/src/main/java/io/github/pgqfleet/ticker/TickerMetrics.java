package io.github.pgqfleet.ticker;

import com.codahale.metrics.Counter;
import com.codahale.metrics.MetricRegistry;
import com.codahale.metrics.Timer;
import java.time.Duration;

/** The ticker's figures, under {@code ticker.*} of the registry. Thread-safe. */
final class TickerMetrics {

  private final Counter beats;
  private final Counter looks;
  private final Counter ticks;
  private final Counter failures;
  private final Counter operations;
  private final Counter retried;
  private final Counter heldBack;
  private final Counter notifyFailures;
  private final Timer jitter;
  private final Timer duration;

  TickerMetrics(MetricRegistry registry) {
    beats = registry.counter("ticker.beats");
    looks = registry.counter("ticker.looks");
    ticks = registry.counter("ticker.ticks");
    failures = registry.counter("ticker.failures");
    operations = registry.counter("ticker.maintenance.operations");
    retried = registry.counter("ticker.maintenance.retried_events");
    heldBack = registry.counter("ticker.maintenance.step2_held_back");
    notifyFailures = registry.counter("ticker.notify_failures");
    jitter = registry.timer("ticker.jitter");
    duration = registry.timer("ticker.period");
  }

  /** A server was looked at. */
  void beat() {
    beats.inc();
  }

  /** A database was looked at, and what was due was ticked. */
  void looked(int made, Duration took) {
    looks.inc();
    ticks.inc(made);
    duration.update(took);
  }

  /** How much later than due a look began. */
  void late(Duration by) {
    jitter.update(by);
  }

  void failed() {
    failures.inc();
  }

  void notifyFailed() {
    notifyFailures.inc();
  }

  void maintained() {
    operations.inc();
  }

  void retried(int events) {
    retried.inc(events);
  }

  void step2HeldBack() {
    heldBack.inc();
  }

  long beats() {
    return beats.getCount();
  }

  long looks() {
    return looks.getCount();
  }

  long ticks() {
    return ticks.getCount();
  }

  long failures() {
    return failures.getCount();
  }

  Duration jitterP99() {
    return Duration.ofNanos((long) jitter.getSnapshot().get99thPercentile());
  }
}
