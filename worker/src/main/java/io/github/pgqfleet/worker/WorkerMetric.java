package io.github.pgqfleet.worker;

import io.github.pgqfleet.metrics.MetricDefinition;
import java.util.List;

/** The catalogue of the worker's metrics, each for a queue that this process consumes. */
final class WorkerMetric {

  private static final String QUEUE = "queue";
  private static final String CONSUMER = "consumer";

  /** Those of each of them. */
  static final List<String> LABELS = List.of(QUEUE, CONSUMER);

  static final MetricDefinition SUBCONSUMERS =
      MetricDefinition.gauge(
          "pgq_worker_subconsumers", "Sub-consumers that this process has.", QUEUE, CONSUMER);
  static final MetricDefinition PAUSED =
      MetricDefinition.gauge(
          "pgq_worker_paused",
          "1 where an operator has paused the queue, else 0.",
          QUEUE,
          CONSUMER);
  static final MetricDefinition LAG =
      MetricDefinition.gauge(
          "pgq_worker_lag_seconds",
          "Age of the last tick up to which the whole group has finished all.",
          QUEUE,
          CONSUMER);
  static final MetricDefinition PENDING =
      MetricDefinition.gauge(
          "pgq_worker_pending_events",
          "Events that have a tick and are in no batch that the group has finished, by the sequence.",
          QUEUE,
          CONSUMER);
  static final MetricDefinition BATCHES =
      MetricDefinition.counter("pgq_worker_batches_total", "Batches finished.", QUEUE, CONSUMER);
  static final MetricDefinition EVENTS =
      MetricDefinition.counter(
          "pgq_worker_events_total", "Events handled, of finished batches.", QUEUE, CONSUMER);
  static final MetricDefinition RETRIED =
      MetricDefinition.counter(
          "pgq_worker_retried_events_total",
          "Events that failed and will come again.",
          QUEUE,
          CONSUMER);
  static final MetricDefinition DEAD =
      MetricDefinition.counter(
          "pgq_worker_dead_events_total",
          "Events that failed and are dead letters.",
          QUEUE,
          CONSUMER);
  static final MetricDefinition FAILED =
      MetricDefinition.counter(
          "pgq_worker_failed_batches_total",
          "Batches rolled back because their handler failed as a whole; they are tried again.",
          QUEUE,
          CONSUMER);
  static final MetricDefinition LOST =
      MetricDefinition.counter(
          "pgq_worker_lost_batches_total",
          "Batches rolled back because another sub-consumer has taken them over.",
          QUEUE,
          CONSUMER);
  static final MetricDefinition TIME =
      MetricDefinition.summary(
          "pgq_worker_batch_seconds",
          "How long finished batches took, from asking for one to the commit.",
          QUEUE,
          CONSUMER);

  private WorkerMetric() {}
}
