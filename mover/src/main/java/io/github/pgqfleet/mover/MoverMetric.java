package io.github.pgqfleet.mover;

import io.github.pgqfleet.metrics.MetricDefinition;

/**
 * The catalogue of the mover's metrics: by the name of the source queues, of all databases
 * together, and for each source database that this mover leads.
 */
final class MoverMetric {

  static final MetricDefinition SOURCES =
      MetricDefinition.gauge("pgq_mover_sources", "Source databases that this process knows.");
  static final MetricDefinition LEADING =
      MetricDefinition.gauge(
          "pgq_mover_leading_sources", "Source databases that this process leads.");
  static final MetricDefinition EVENTS =
      MetricDefinition.counter(
          "pgq_mover_events_total", "Events moved from the source queues of a name.", "queue");
  static final MetricDefinition BATCHES =
      MetricDefinition.counter(
          "pgq_mover_batches_total",
          "Batches moved from the source queues of a name, the empty ones too.",
          "queue");
  static final MetricDefinition PENDING =
      MetricDefinition.gauge(
          "pgq_mover_pending_events",
          "Events not moved yet, by the event sequences, in the databases that this process leads.",
          "queue");
  static final MetricDefinition LAG =
      MetricDefinition.gauge(
          "pgq_mover_lag_seconds",
          "Age of the last tick up to which everything is moved, of the database farthest behind.",
          "queue");
  static final MetricDefinition SOURCE_LAG =
      MetricDefinition.gaugeOfDatabase(
          "pgq_mover_source_lag_seconds",
          "Age of the last tick up to which everything is moved, of the queue farthest behind; absent"
              + " where another mover leads.");
  static final MetricDefinition SOURCE_LOST =
      MetricDefinition.gaugeOfDatabase(
          "pgq_mover_source_lost_positions",
          "Queues whose position is lost: nothing of them is moved until an operator says how.");

  private MoverMetric() {}
}
