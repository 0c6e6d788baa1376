package io.github.pgqfleet.worker;

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
  record Queue(int workers, long batches, long events, long failed, long lost) {}

  static WorkerStatus of(WorkerConfig config, SortedMap<String, QueueMetrics> metrics) {
    var queues = new TreeMap<String, Queue>();
    metrics.forEach(
        (name, m) ->
            queues.put(
                name,
                new Queue(
                    config.queues().get(name).workers(),
                    m.batches().getCount(),
                    m.events().getCount(),
                    m.failed().getCount(),
                    m.lost().getCount())));
    return new WorkerStatus(config.consumer(), config.instance(), queues);
  }
}
