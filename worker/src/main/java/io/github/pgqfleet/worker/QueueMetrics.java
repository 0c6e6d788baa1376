package io.github.pgqfleet.worker;

import com.codahale.metrics.Counter;
import com.codahale.metrics.Timer;
import io.github.pgqfleet.metrics.FleetMetrics;

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

  static QueueMetrics of(FleetMetrics metrics, String queue, String consumer) {
    return new QueueMetrics(
        metrics.counter(WorkerMetric.BATCHES, queue, consumer),
        metrics.counter(WorkerMetric.EVENTS, queue, consumer),
        metrics.counter(WorkerMetric.FAILED, queue, consumer),
        metrics.counter(WorkerMetric.LOST, queue, consumer),
        metrics.counter(WorkerMetric.RETRIED, queue, consumer),
        metrics.counter(WorkerMetric.DEAD, queue, consumer),
        metrics.timer(WorkerMetric.TIME, queue, consumer));
  }
}
