package io.github.pgqfleet.metrics;

import java.util.List;

/**
 * A metric as it is known outside: in Prometheus, and in the table of deploy/README.md, which a
 * test compares with what a scrape shows. Each module has an enum of its own; nothing is registered
 * that is not in one.
 */
public interface MetricDefinition {

  /** How values come about. */
  enum Kind {
    /** Only grows while the process lives; the name ends with {@code _total}. */
    COUNTER,
    /** Goes up and down. */
    GAUGE,
    /** Durations: their number and sum, and quantiles of the last five minutes. */
    SUMMARY
  }

  /** The name in Prometheus; ends with the unit, where there is one. */
  String metric();

  Kind kind();

  /** The names of the labels; none for a metric of the whole process. */
  List<String> labels();

  /** What it means, for {@code # HELP}. */
  String help();
}
