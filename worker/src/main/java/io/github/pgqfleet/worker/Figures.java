package io.github.pgqfleet.worker;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Logs a line of figures a minute for each queue on which something has happened. */
final class Figures {

  private static final Logger log = LoggerFactory.getLogger(Figures.class);

  private final List<WorkerApplication.Part> parts;
  private final Map<String, Long> batchesBefore = new HashMap<>();
  private final Map<String, Long> eventsBefore = new HashMap<>();

  Figures(List<WorkerApplication.Part> parts) {
    this.parts = List.copyOf(parts);
  }

  /** Writes the lines; called by one thread. */
  void log() {
    parts.forEach(part -> line(part.queue().name(), part.metrics()));
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
