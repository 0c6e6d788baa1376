package io.github.pgqfleet.worker;

import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Logs a line of figures a minute for each queue on which something has happened. */
final class Figures {

  private static final Logger log = LoggerFactory.getLogger(Figures.class);

  private final Supplier<? extends Collection<String>> queues;
  private final Function<String, QueueMetrics> metrics;
  private final Map<String, Long> batchesBefore = new HashMap<>();
  private final Map<String, Long> eventsBefore = new HashMap<>();

  /**
   * @param queues the queues' names, asked for each time
   */
  Figures(Supplier<? extends Collection<String>> queues, Function<String, QueueMetrics> metrics) {
    this.queues = queues;
    this.metrics = metrics;
  }

  /** Writes the lines; called by one thread. */
  void log() {
    queues.get().forEach(queue -> line(queue, metrics.apply(queue)));
  }

  private void line(String queue, QueueMetrics metrics) {
    long batches = since(batchesBefore, queue, metrics.batches().getCount());
    if (batches > 0) {
      log.info(
          "queue={} batches={} events={} failed_total={} lost_total={} retried_total={}"
              + " dead_total={}",
          queue,
          batches,
          since(eventsBefore, queue, metrics.events().getCount()),
          metrics.failed().getCount(),
          metrics.lost().getCount(),
          metrics.retried().getCount(),
          metrics.dead().getCount());
    }
  }

  private static long since(Map<String, Long> before, String queue, long now) {
    var old = before.put(queue, now);
    return now - (old == null ? 0 : old);
  }
}
