package io.github.pgqfleet.worker;

import com.codahale.metrics.Counter;
import com.codahale.metrics.MetricRegistry;
import com.codahale.metrics.Timer;

/**
 * What is counted of a queue. Thread-safe.
 *
 * @param batches finished batches
 * @param events handled events, of finished batches
 * @param failed batches that were rolled back because their handler failed
 * @param lost batches that were rolled back because another sub-consumer has taken them over
 * @param retried events that failed and will come again
 * @param dead events that failed and are dead letters
 * @param time how long batches took, from asking for one to the commit
 */
record QueueMetrics(
    Counter batches,
    Counter events,
    Counter failed,
    Counter lost,
    Counter retried,
    Counter dead,
    Timer time) {

  static QueueMetrics of(MetricRegistry registry, String queue) {
    return new QueueMetrics(
        registry.counter(MetricRegistry.name("worker", queue, "batches")),
        registry.counter(MetricRegistry.name("worker", queue, "events")),
        registry.counter(MetricRegistry.name("worker", queue, "failed")),
        registry.counter(MetricRegistry.name("worker", queue, "lost")),
        registry.counter(MetricRegistry.name("worker", queue, "retried")),
        registry.counter(MetricRegistry.name("worker", queue, "dead")),
        registry.timer(MetricRegistry.name("worker", queue, "time")));
  }
}
