package io.github.pgqfleet.metrics;

import java.util.List;

/**
 * A metric as it is known outside: in Prometheus, and in the tables of deploy/README.md, which a
 * test compares with what a scrape shows. Each module has a catalogue of its own, and registers
 * nothing that is not in there. Immutable.
 *
 * @param metric the name in Prometheus; ends with the unit, where there is one
 * @param labels the names of the labels; none for a metric of the whole process
 * @param help what it means, for {@code # HELP}
 */
public record MetricDefinition(String metric, Kind kind, List<String> labels, String help) {

  /** The labels that name a database of the fleet. */
  private static final List<String> DATABASE = List.of("server", "database");

  /** How values come about. */
  public enum Kind {
    /** Only grows while the process lives; the name ends with {@code _total}. */
    COUNTER,
    /** Goes up and down. */
    GAUGE,
    /** Durations: their number and sum, and quantiles of about the last five minutes. */
    SUMMARY
  }

  public MetricDefinition {
    labels = List.copyOf(labels);
  }

  public static MetricDefinition counter(String metric, String help, String... labels) {
    return new MetricDefinition(metric, Kind.COUNTER, List.of(labels), help);
  }

  public static MetricDefinition gauge(String metric, String help, String... labels) {
    return new MetricDefinition(metric, Kind.GAUGE, List.of(labels), help);
  }

  public static MetricDefinition summary(String metric, String help, String... labels) {
    return new MetricDefinition(metric, Kind.SUMMARY, List.of(labels), help);
  }

  /** A gauge of each database. */
  public static MetricDefinition gaugeOfDatabase(String metric, String help) {
    return new MetricDefinition(metric, Kind.GAUGE, DATABASE, help);
  }

  boolean isOfDatabase() {
    return labels.equals(DATABASE);
  }
}
