package io.github.pgqfleet.ticker;

import io.github.pgqfleet.metrics.MetricDefinition;

/**
 * The catalogue of the ticker's metrics. What an operator acts on is kept for each database; which
 * queue of it is meant, alarms say.
 */
final class TickerMetric {

  static final MetricDefinition DATABASES =
      MetricDefinition.gauge("pgq_ticker_databases", "Databases that this process serves.");
  static final MetricDefinition LEADING =
      MetricDefinition.gauge("pgq_ticker_leading_databases", "Databases that this process ticks.");
  static final MetricDefinition SERVER_LOOKS =
      MetricDefinition.counter(
          "pgq_ticker_server_looks_total", "Looks at a server for where anything happened.");
  static final MetricDefinition LOOKS =
      MetricDefinition.counter("pgq_ticker_looks_total", "Looks at the queues of a database.");
  static final MetricDefinition TICKS =
      MetricDefinition.counter("pgq_ticker_ticks_total", "Ticks made.");
  static final MetricDefinition FAILURES =
      MetricDefinition.counter(
          "pgq_ticker_failures_total",
          "Failures of a database, or of one queue or operation in it.");
  static final MetricDefinition NOTIFY_FAILURES =
      MetricDefinition.counter(
          "pgq_ticker_notify_failures_total",
          "Ticks made without NOTIFY, which the server refused.");
  static final MetricDefinition OPERATIONS =
      MetricDefinition.counter(
          "pgq_ticker_maintenance_operations_total", "Operations of PgQ's maintenance done.");
  static final MetricDefinition RETRIED =
      MetricDefinition.counter(
          "pgq_ticker_retried_events_total",
          "Events put back into their queues for another attempt.");
  static final MetricDefinition HELD_BACK =
      MetricDefinition.counter(
          "pgq_ticker_held_back_rotations_total",
          "Times that step 2 of a rotation was put off, for a snapshot older than its step 1.");
  static final MetricDefinition LATENESS =
      MetricDefinition.summary(
          "pgq_ticker_lateness_seconds", "How much later than due a look at a database began.");
  static final MetricDefinition LOOK_TIME =
      MetricDefinition.summary(
          "pgq_ticker_look_seconds", "How long a look at a database took, with its ticks.");
  static final MetricDefinition LEADS =
      MetricDefinition.gaugeOfDatabase(
          "pgq_ticker_leads",
          "1 where this process ticks the database, 0 where it stands by or has no session.");
  static final MetricDefinition SILENCE =
      MetricDefinition.gaugeOfDatabase(
          "pgq_ticker_silence_seconds",
          "Time since the database was last known to be ticked, by this process or another.");
  static final MetricDefinition TICK_AGE =
      MetricDefinition.gaugeOfDatabase(
          "pgq_ticker_tick_age_seconds",
          "Age of the newest tick that this process made in the database; absent where it has made none.");
  static final MetricDefinition CONSUMER_LAG =
      MetricDefinition.gaugeOfDatabase(
          "pgq_ticker_consumer_lag_seconds",
          "Age of the oldest tick that a consumer has not finished, of all in the database.");
  static final MetricDefinition BATCH_AGE =
      MetricDefinition.gaugeOfDatabase(
          "pgq_ticker_batch_age_seconds",
          "Time since anything was heard of an open batch, the longest in the database.");
  static final MetricDefinition ROTATION_OVERDUE =
      MetricDefinition.gaugeOfDatabase(
          "pgq_ticker_rotation_overdue_seconds",
          "How much later than its period a rotation is, the latest in the database; below 0, in time.");
  static final MetricDefinition RETRY_QUEUE =
      MetricDefinition.gaugeOfDatabase(
          "pgq_ticker_retry_queue_events",
          "Events that wait for another attempt, of the queue with most of them.");
  static final MetricDefinition TRANSACTION_AGE =
      MetricDefinition.gaugeOfDatabase(
          "pgq_ticker_transaction_age_seconds",
          "Age of the oldest open transaction of the database.");

  private TickerMetric() {}

  /** The metric of something that is watched. */
  static MetricDefinition of(Watched watched) {
    return switch (watched) {
      case CONSUMER_LAG -> CONSUMER_LAG;
      case BATCH_AGE -> BATCH_AGE;
      case ROTATION_OVERDUE -> ROTATION_OVERDUE;
      case RETRY_QUEUE -> RETRY_QUEUE;
      case TRANSACTION_AGE -> TRANSACTION_AGE;
    };
  }
}
