package io.github.pgqfleet.mover;

import static io.github.pgqfleet.metrics.MetricDefinition.Kind.COUNTER;
import static io.github.pgqfleet.metrics.MetricDefinition.Kind.GAUGE;

import io.github.pgqfleet.metrics.FleetMetrics;
import io.github.pgqfleet.metrics.MetricDefinition;
import java.util.List;

/**
 * The catalogue of the mover's metrics: by the name of the source queues, of all databases
 * together, and for each source database that this mover leads.
 */
enum MoverMetric implements MetricDefinition {
  SOURCES(GAUGE, "pgq_mover_sources", "Source databases that this process knows."),
  LEADING(GAUGE, "pgq_mover_leading_sources", "Source databases that this process leads."),

  EVENTS(
      COUNTER, "pgq_mover_events_total", "Events moved from the source queues of a name.", "queue"),
  BATCHES(
      COUNTER,
      "pgq_mover_batches_total",
      "Batches moved from the source queues of a name, the empty ones too.",
      "queue"),
  PENDING(
      GAUGE,
      "pgq_mover_pending_events",
      "Events not moved yet, by the event sequences, in the databases that this process leads.",
      "queue"),
  LAG(
      GAUGE,
      "pgq_mover_lag_seconds",
      "Age of the last tick up to which everything is moved, of the database farthest behind.",
      "queue"),

  SOURCE_LAG(
      GAUGE,
      "pgq_mover_source_lag_seconds",
      "Age of the last tick up to which everything is moved, of the queue farthest behind; absent"
          + " where another mover leads.",
      FleetMetrics.DATABASE),
  SOURCE_LOST(
      GAUGE,
      "pgq_mover_source_lost_positions",
      "Queues whose position is lost: nothing of them is moved until an operator says how.",
      FleetMetrics.DATABASE);

  private final Kind kind;
  private final String metric;

  @SuppressWarnings("ImmutableEnumChecker") // List.of, of strings
  private final List<String> labels;

  private final String help;

  MoverMetric(Kind kind, String metric, String help, String... labels) {
    this(kind, metric, help, List.of(labels));
  }

  MoverMetric(Kind kind, String metric, String help, List<String> labels) {
    this.kind = kind;
    this.metric = metric;
    this.help = help;
    this.labels = labels;
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
