package io.github.pgqfleet.worker;

import io.github.pgqfleet.worker.flow.Gates;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * What {@code /status} shows of this process.
 *
 * @param consumer the main consumer
 * @param instance the first part of the sub-consumers' names
 * @param queues what was done since the start, by queue
 */
record WorkerStatus(String consumer, String instance, SortedMap<String, Queue> queues) {

  /** One queue. */
  record Queue(
      int workers,
      boolean paused,
      long batches,
      long events,
      long failed,
      long lost,
      long retried,
      long dead) {}

  static WorkerStatus of(
      WorkerConfig config, Gates gates, Function<String, QueueMetrics> metricsOf) {
    var queues = new TreeMap<String, Queue>();
    for (var queue : config.queues().values()) {
      var metrics = metricsOf.apply(queue.name());
      queues.put(
          queue.name(),
          new Queue(
              queue.workers(),
              gates.isPaused(queue.name()),
              metrics.batches().getCount(),
              metrics.events().getCount(),
              metrics.failed().getCount(),
              metrics.lost().getCount(),
              metrics.retried().getCount(),
              metrics.dead().getCount()));
    }
    return new WorkerStatus(config.consumer(), config.instance(), queues);
  }
}
