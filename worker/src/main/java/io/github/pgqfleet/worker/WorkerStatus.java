package io.github.pgqfleet.worker;

import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

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
      int workers, long batches, long events, long failed, long lost, long retried, long dead) {}

  static WorkerStatus of(WorkerConfig config, List<WorkerApplication.Part> parts) {
    var queues = new TreeMap<String, Queue>();
    for (var part : parts) {
      var metrics = part.metrics();
      queues.put(
          part.queue().name(),
          new Queue(
              part.queue().workers(),
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
