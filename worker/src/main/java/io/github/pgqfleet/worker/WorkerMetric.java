package io.github.pgqfleet.worker;

import static io.github.pgqfleet.metrics.MetricDefinition.Kind.COUNTER;
import static io.github.pgqfleet.metrics.MetricDefinition.Kind.GAUGE;
import static io.github.pgqfleet.metrics.MetricDefinition.Kind.SUMMARY;

import io.github.pgqfleet.metrics.MetricDefinition;
import java.util.List;

/** The catalogue of the worker's metrics, each for a queue that this process consumes. */
enum WorkerMetric implements MetricDefinition {
  SUBCONSUMERS(GAUGE, "pgq_worker_subconsumers", "Sub-consumers that this process has."),
  PAUSED(GAUGE, "pgq_worker_paused", "1 where an operator has paused the queue, else 0."),
  LAG(
      GAUGE,
      "pgq_worker_lag_seconds",
      "Age of the last tick up to which the whole group has finished all."),
  PENDING(
      GAUGE,
      "pgq_worker_pending_events",
      "Events that have a tick and are in no batch that the group has finished, by the sequence."),
  BATCHES(COUNTER, "pgq_worker_batches_total", "Batches finished."),
  EVENTS(COUNTER, "pgq_worker_events_total", "Events handled, of finished batches."),
  RETRIED(COUNTER, "pgq_worker_retried_events_total", "Events that failed and will come again."),
  DEAD(COUNTER, "pgq_worker_dead_events_total", "Events that failed and are dead letters."),
  FAILED(
      COUNTER,
      "pgq_worker_failed_batches_total",
      "Batches rolled back because their handler failed as a whole; they are tried again."),
  LOST(
      COUNTER,
      "pgq_worker_lost_batches_total",
      "Batches rolled back because another sub-consumer has taken them over."),
  TIME(
      SUMMARY,
      "pgq_worker_batch_seconds",
      "How long finished batches took, from asking for one to the commit.");

  static final List<String> LABELS = List.of("queue", "consumer");

  private final Kind kind;
  private final String metric;
  private final String help;

  WorkerMetric(Kind kind, String metric, String help) {
    this.kind = kind;
    this.metric = metric;
    this.help = help;
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
    return LABELS;
  }

  @Override
  public String help() {
    return help;
  }
}
