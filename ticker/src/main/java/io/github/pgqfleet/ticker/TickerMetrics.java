package io.github.pgqfleet.ticker;

import com.codahale.metrics.Counter;
import com.codahale.metrics.Timer;
import io.github.pgqfleet.metrics.FleetMetrics;
import io.github.pgqfleet.sql.Database;
import java.time.Duration;

/** The ticker's figures, as {@link TickerMetric} lists them. Thread-safe. */
final class TickerMetrics {

  private final FleetMetrics all;
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

  TickerMetrics(FleetMetrics all) {
    this.all = all;
    beats = all.counter(TickerMetric.SERVER_LOOKS);
    looks = all.counter(TickerMetric.LOOKS);
    ticks = all.counter(TickerMetric.TICKS);
    failures = all.counter(TickerMetric.FAILURES);
    operations = all.counter(TickerMetric.OPERATIONS);
    retried = all.counter(TickerMetric.RETRIED);
    heldBack = all.counter(TickerMetric.HELD_BACK);
    notifyFailures = all.counter(TickerMetric.NOTIFY_FAILURES);
    jitter = all.timer(TickerMetric.LATENESS);
    duration = all.timer(TickerMetric.LOOK_TIME);
  }

  /** Shows how all databases fare. */
  void show(FleetStates states) {
    all.gauge(TickerMetric.DATABASES, () -> states.all().size());
    all.gauge(TickerMetric.LEADING, states::leading);
  }

  /** Shows how a database fares, until it {@link #left}. */
  void show(DatabaseState state, Alarms alarms) {
    var database = state.database();
    all.gauge(TickerMetric.LEADS, database, () -> state.leads() ? 1 : 0);
    all.gauge(TickerMetric.SILENCE, database, () -> seconds(state.silence()));
    all.gauge(
        TickerMetric.TICK_AGE,
        database,
        () -> state.tickAge().map(TickerMetrics::seconds).orElse(null));
    for (var watched : Watched.values()) {
      all.gauge(
          TickerMetric.of(watched), database, () -> alarms.highest(database, watched).orElse(null));
    }
  }

  /** A database has left the fleet. */
  void left(Database database) {
    all.remove(database);
  }

  private static double seconds(Duration duration) {
    return duration.toNanos() / 1e9;
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
