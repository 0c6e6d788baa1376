/**
 * Metrics, health and status over HTTP and JMX. A process registers what it counts in {@link
 * io.github.pgqfleet.metrics.FleetMetrics}, by the {@link
 * io.github.pgqfleet.metrics.MetricDefinition} of its module's catalogue; {@link
 * io.github.pgqfleet.metrics.AdminServer} shows it. A scrape reads memory only.
 */
@NullMarked
package io.github.pgqfleet.metrics;

import org.jspecify.annotations.NullMarked;
