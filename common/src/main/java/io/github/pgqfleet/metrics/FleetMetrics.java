package io.github.pgqfleet.metrics;

import com.codahale.metrics.Counter;
import com.codahale.metrics.Gauge;
import com.codahale.metrics.Metric;
import com.codahale.metrics.MetricRegistry;
import com.codahale.metrics.Timer;
import io.github.pgqfleet.metrics.MetricDefinition.Kind;
import io.github.pgqfleet.sql.Database;
import io.prometheus.metrics.model.snapshots.Labels;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import javax.management.ObjectName;
import org.jspecify.annotations.Nullable;

/**
 * The metrics of a process: Dropwizard's registry, in which each has the name of its MBean, such as
 * {@code pgq-fleet:name=pgq_mover_source_lag_seconds,server="db01",database="app"}. Thread-safe.
 *
 * <p>Values for labels are given in the order of {@link MetricDefinition#labels}. What is
 * registered twice is the same metric, but for gauges, of which the later takes the place of the
 * earlier.
 */
public final class FleetMetrics {

  private final MetricRegistry registry = new MetricRegistry();

  /** The series of each metric, by their labels, which are not to be made at each scrape. */
  private final Map<MetricDefinition, Map<Labels, Metric>> series =
      new ConcurrentSkipListMap<>(Comparator.comparing(MetricDefinition::metric));

  public Counter counter(MetricDefinition definition, String... labels) {
    return (Counter) register(definition, Kind.COUNTER, List.of(labels), registry::counter);
  }

  public Timer timer(MetricDefinition definition, String... labels) {
    return (Timer)
        register(
            definition,
            Kind.SUMMARY,
            List.of(labels),
            name -> registry.register(name, new SummedTimer()));
  }

  /**
   * Registers a gauge, or a counter that is kept elsewhere.
   *
   * @param value asked at each scrape, so it must neither wait nor ask a database; null when there
   *     is none just now
   */
  public void gauge(
      MetricDefinition definition, Supplier<? extends @Nullable Number> value, String... labels) {
    var its = List.of(labels);
    remove(definition, its);
    Gauge<@Nullable Number> gauge = value::get;
    register(definition, definition.kind(), its, name -> registry.register(name, gauge));
  }

  /** The same for one of a database. */
  public void gauge(
      MetricDefinition definition, Database database, Supplier<? extends @Nullable Number> value) {
    gauge(definition, value, database.server(), database.name());
  }

  /** Removes all metrics of a database that has left the fleet. */
  public void remove(Database database) {
    remove(MetricDefinition::isOfDatabase, List.of(database.server(), database.name()));
  }

  /** Removes all metrics that have these labels, and no others, with these values. */
  public void remove(List<String> labels, String... values) {
    remove(definition -> definition.labels().equals(labels), List.of(values));
  }

  private void remove(Predicate<MetricDefinition> which, List<String> values) {
    series.keySet().stream().filter(which).forEach(definition -> remove(definition, values));
  }

  /** Dropwizard's registry. */
  MetricRegistry registry() {
    return registry;
  }

  Map<MetricDefinition, Map<Labels, Metric>> series() {
    return series;
  }

  private Metric register(
      MetricDefinition definition, Kind kind, List<String> labels, Function<String, Metric> maker) {
    if (definition.kind() != kind || definition.labels().size() != labels.size()) {
      throw new IllegalArgumentException(definition + " is no " + kind + " with labels " + labels);
    }
    return series
        .computeIfAbsent(definition, d -> new ConcurrentHashMap<>())
        .computeIfAbsent(
            Labels.of(definition.labels(), labels), l -> maker.apply(name(definition, labels)));
  }

  private void remove(MetricDefinition definition, List<String> labels) {
    var its = series.get(definition);
    if (its != null && its.remove(Labels.of(definition.labels(), labels)) != null) {
      registry.remove(name(definition, labels));
    }
  }

  private static String name(MetricDefinition definition, List<String> labels) {
    var parts = new ArrayList<String>();
    parts.add("pgq-fleet:name=" + definition.metric());
    for (int i = 0; i < labels.size(); i++) {
      parts.add(definition.labels().get(i) + "=" + ObjectName.quote(labels.get(i)));
    }
    return String.join(",", parts);
  }
}
