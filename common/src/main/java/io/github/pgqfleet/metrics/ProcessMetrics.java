package io.github.pgqfleet.metrics;

import com.codahale.metrics.Counter;
import com.sun.management.UnixOperatingSystemMXBean;
import io.github.pgqfleet.lifecycle.Health;
import io.github.pgqfleet.sql.Pools;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.util.function.ToLongFunction;
import java.util.stream.Stream;

/** What each of the processes shows of itself. */
public final class ProcessMetrics {

  private static final MetricDefinition PROBLEMS =
      MetricDefinition.gauge(
          "pgq_fleet_problems", "Things that are wrong now, as /healthz names them.");
  private static final MetricDefinition WARNINGS =
      MetricDefinition.gauge(
          "pgq_fleet_warnings", "Things that somebody should see to, as /healthz names them.");
  private static final MetricDefinition FAILURES =
      MetricDefinition.counter(
          "pgq_fleet_failures_total",
          "Failures of the process's services, each of which was run again after it.");
  private static final MetricDefinition POOL_ACTIVE =
      MetricDefinition.gauge(
          "pgq_pool_active_connections", "Connections of the pools that are in use.", "server");
  private static final MetricDefinition POOL_IDLE =
      MetricDefinition.gauge(
          "pgq_pool_idle_connections", "Connections of the pools at rest.", "server");
  private static final MetricDefinition POOL_WAITING =
      MetricDefinition.gauge(
          "pgq_pool_waiting_threads", "Threads that wait for a connection of a pool.", "server");
  private static final MetricDefinition POOL_TIMEOUTS =
      MetricDefinition.counter(
          "pgq_pool_timeouts_total",
          "Waits for a connection of a pool that ended without one.",
          "server");

  // Under the names that dashboards of JVMs know.
  private static final MetricDefinition HEAP =
      MetricDefinition.gauge("jvm_memory_used_bytes", "Memory of the JVM in use.", "area");
  private static final MetricDefinition HEAP_MAX =
      MetricDefinition.gauge("jvm_memory_max_bytes", "Most memory that the JVM takes.", "area");
  private static final MetricDefinition GC_SECONDS =
      MetricDefinition.counter("jvm_gc_seconds_total", "Time spent in garbage collection.");
  private static final MetricDefinition CPU =
      MetricDefinition.counter(
          "process_cpu_seconds_total", "CPU time, of the user and the system.");
  private static final MetricDefinition START =
      MetricDefinition.gauge(
          "process_start_time_seconds", "When the process was started, since the epoch.");
  private static final MetricDefinition FILES =
      MetricDefinition.gauge("process_open_fds", "Open file descriptors, sockets too.");

  private ProcessMetrics() {}

  /**
   * Registers what is not of pools.
   *
   * @return the counter of failures, for the supervisors
   */
  public static Counter register(FleetMetrics metrics, Health health) {
    metrics.gauge(PROBLEMS, () -> health.problems().size());
    metrics.gauge(WARNINGS, () -> health.warnings().size());
    var memory = ManagementFactory.getMemoryMXBean();
    metrics.gauge(HEAP, () -> memory.getHeapMemoryUsage().getUsed(), "heap");
    metrics.gauge(HEAP_MAX, () -> memory.getHeapMemoryUsage().getMax(), "heap");
    metrics.gauge(HEAP, () -> memory.getNonHeapMemoryUsage().getUsed(), "nonheap");
    var collectors = ManagementFactory.getGarbageCollectorMXBeans();
    metrics.gauge(
        GC_SECONDS,
        () -> collectors.stream().mapToLong(GarbageCollectorMXBean::getCollectionTime).sum() / 1e3);
    var startTime = ManagementFactory.getRuntimeMXBean().getStartTime() / 1e3;
    metrics.gauge(START, () -> startTime);
    if (ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean unix) {
      metrics.gauge(CPU, () -> unix.getProcessCpuTime() / 1e9);
      metrics.gauge(FILES, unix::getOpenFileDescriptorCount);
    }
    return metrics.counter(FAILURES);
  }

  /** Registers the connections to a server, of several pools together. */
  public static void register(FleetMetrics metrics, String server, Pools... pools) {
    metrics.gauge(POOL_ACTIVE, () -> sum(pools, p -> p.use(server).active()), server);
    metrics.gauge(POOL_IDLE, () -> sum(pools, p -> p.use(server).idle()), server);
    metrics.gauge(POOL_WAITING, () -> sum(pools, p -> p.use(server).waiting()), server);
    metrics.gauge(POOL_TIMEOUTS, () -> sum(pools, p -> p.timeouts(server)), server);
  }

  private static long sum(Pools[] pools, ToLongFunction<Pools> value) {
    return Stream.of(pools).mapToLong(value).sum();
  }
}
