package io.github.pgqfleet.metrics;

import com.codahale.metrics.Counting;
import com.codahale.metrics.Gauge;
import com.codahale.metrics.Metric;
import io.prometheus.metrics.model.registry.MultiCollector;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.CounterSnapshot.CounterDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricMetadata;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import io.prometheus.metrics.model.snapshots.PrometheusNaming;
import io.prometheus.metrics.model.snapshots.Quantiles;
import io.prometheus.metrics.model.snapshots.SummarySnapshot;
import io.prometheus.metrics.model.snapshots.SummarySnapshot.SummaryDataPointSnapshot;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/**
 * {@link FleetMetrics} as Prometheus' client wants them, at each scrape. Reads memory only.
 * Thread-safe.
 *
 * <p>Prometheus' own bridge from Dropwizard does not do: it refuses a second series of a name
 * (client_java's issue 1712), and its help texts are made up from class names.
 */
final class Exposition implements MultiCollector {

  private static final double NANOSECOND = 1.0 / TimeUnit.SECONDS.toNanos(1);

  private final FleetMetrics metrics;

  Exposition(FleetMetrics metrics) {
    this.metrics = metrics;
  }

  @Override
  public MetricSnapshots collect() {
    var all = MetricSnapshots.builder();
    metrics
        .series()
        .forEach((definition, series) -> all.metricSnapshot(snapshot(definition, series)));
    return all.build();
  }

  private static MetricSnapshot snapshot(MetricDefinition definition, Map<Labels, Metric> series) {
    // The client puts _total behind a counter's name itself.
    var metadata =
        new MetricMetadata(
            PrometheusNaming.sanitizeMetricName(definition.metric()), definition.help());
    return switch (definition.kind()) {
      case COUNTER ->
          new CounterSnapshot(
              metadata,
              points(
                  series, (value, labels) -> new CounterDataPointSnapshot(value, labels, null, 0)));
      case GAUGE ->
          new GaugeSnapshot(
              metadata,
              points(series, (value, labels) -> new GaugeDataPointSnapshot(value, labels, null)));
      case SUMMARY -> new SummarySnapshot(metadata, summaries(series));
    };
  }

  private static <P> List<P> points(
      Map<Labels, Metric> series, BiFunction<Double, Labels, P> point) {
    var points = new ArrayList<P>(series.size());
    series.forEach(
        (labels, metric) -> {
          var value = value(metric);
          if (value != null) {
            points.add(point.apply(value, labels));
          }
        });
    return points;
  }

  private static List<SummaryDataPointSnapshot> summaries(Map<Labels, Metric> series) {
    return series.entrySet().stream()
        .map(its -> summary((SummedTimer) its.getValue(), its.getKey()))
        .toList();
  }

  /** Null when there is none just now. */
  private static @Nullable Double value(Metric metric) {
    return switch (metric) {
      case Counting counting -> (double) counting.getCount();
      case Gauge<?> gauge when gauge.getValue() instanceof Number number -> number.doubleValue();
      default -> null;
    };
  }

  private static SummaryDataPointSnapshot summary(SummedTimer timer, Labels labels) {
    var recent = timer.getSnapshot();
    var quantiles = Quantiles.builder();
    for (var quantile : List.of(0.5, 0.95, 0.99)) {
      quantiles.quantile(quantile, recent.getValue(quantile) * NANOSECOND);
    }
    return SummaryDataPointSnapshot.builder()
        .labels(labels)
        .count(timer.getCount())
        .sum(timer.sumSeconds())
        .quantiles(quantiles.build())
        .build();
  }
}
