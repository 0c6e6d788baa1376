package io.github.pgqfleet.ticker;

import static io.github.pgqfleet.metrics.MetricDefinition.Kind.COUNTER;
import static io.github.pgqfleet.metrics.MetricDefinition.Kind.GAUGE;
import static io.github.pgqfleet.metrics.MetricDefinition.Kind.SUMMARY;

import io.github.pgqfleet.metrics.FleetMetrics;
import io.github.pgqfleet.metrics.MetricDefinition;
import java.util.List;

/**
 * The catalogue of the ticker's metrics. What an operator acts on is kept for each database; which
 * queue of it is meant, alarms say.
 */
enum TickerMetric implements MetricDefinition {
  DATABASES(GAUGE, "pgq_ticker_databases", "Databases that this process serves."),
  LEADING(GAUGE, "pgq_ticker_leading_databases", "Databases that this process ticks."),
  SERVER_LOOKS(
      COUNTER, "pgq_ticker_server_looks_total", "Looks at a server for where anything happened."),
  LOOKS(COUNTER, "pgq_ticker_looks_total", "Looks at the queues of a database."),
  TICKS(COUNTER, "pgq_ticker_ticks_total", "Ticks made."),
  FAILURES(
      COUNTER,
      "pgq_ticker_failures_total",
      "Failures of a database, or of one queue or operation in it."),
  NOTIFY_FAILURES(
      COUNTER,
      "pgq_ticker_notify_failures_total",
      "Ticks made without NOTIFY, which the server refused."),
  OPERATIONS(
      COUNTER, "pgq_ticker_maintenance_operations_total", "Operations of PgQ's maintenance done."),
  RETRIED(
      COUNTER,
      "pgq_ticker_retried_events_total",
      "Events put back into their queues for another attempt."),
  HELD_BACK(
      COUNTER,
      "pgq_ticker_held_back_rotations_total",
      "Times that step 2 of a rotation was put off, for a snapshot older than its step 1."),
  LATENESS(
      SUMMARY,
      "pgq_ticker_lateness_seconds",
      "How much later than due a look at a database began."),
  LOOK_TIME(
      SUMMARY, "pgq_ticker_look_seconds", "How long a look at a database took, with its ticks."),

  LEADS(
      GAUGE,
      "pgq_ticker_leads",
      "1 where this process ticks the database, 0 where it stands by or has no session.",
      FleetMetrics.DATABASE),
  SILENCE(
      GAUGE,
      "pgq_ticker_silence_seconds",
      "Time since the database was last known to be ticked, by this process or another.",
      FleetMetrics.DATABASE),
  TICK_AGE(
      GAUGE,
      "pgq_ticker_tick_age_seconds",
      "Age of the newest tick that this process made in the database; absent where it has made none.",
      FleetMetrics.DATABASE),
  CONSUMER_LAG(
      GAUGE,
      "pgq_ticker_consumer_lag_seconds",
      "Age of the oldest tick that a consumer has not finished, of all in the database.",
      FleetMetrics.DATABASE),
  BATCH_AGE(
      GAUGE,
      "pgq_ticker_batch_age_seconds",
      "Time since anything was heard of an open batch, the longest in the database.",
      FleetMetrics.DATABASE),
  ROTATION_OVERDUE(
      GAUGE,
      "pgq_ticker_rotation_overdue_seconds",
      "How much later than its period a rotation is, the latest in the database; below 0, in time.",
      FleetMetrics.DATABASE),
  RETRY_QUEUE(
      GAUGE,
      "pgq_ticker_retry_queue_events",
      "Events that wait for another attempt, of the queue with most of them.",
      FleetMetrics.DATABASE),
  TRANSACTION_AGE(
      GAUGE,
      "pgq_ticker_transaction_age_seconds",
      "Age of the oldest open transaction of the database.",
      FleetMetrics.DATABASE);

  private final Kind kind;
  private final String metric;

  @SuppressWarnings("ImmutableEnumChecker") // List.of, of strings
  private final List<String> labels;

  private final String help;

  TickerMetric(Kind kind, String metric, String help) {
    this(kind, metric, help, List.of());
  }

  TickerMetric(Kind kind, String metric, String help, List<String> labels) {
    this.kind = kind;
    this.metric = metric;
    this.help = help;
    this.labels = labels;
  }

  /** The metric of something that is watched. */
  static TickerMetric of(Watched watched) {
    return valueOf(watched.name());
  }

  @Override
  public String metric() {
    return metric;
  }

  @Override
  public Kind kind() {
    return kind;
  }

  @Override
  public List<String> labels() {
    return labels;
  }

  @Override
  public String help() {
    return help;
  }
}
