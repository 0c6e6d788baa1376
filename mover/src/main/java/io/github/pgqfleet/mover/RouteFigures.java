package io.github.pgqfleet.mover;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is moved from the source queues of one name. Immutable; as it stands here it is written as
 * JSON into the heartbeat and by {@code mover status --json}.
 *
 * @param queue the name of the source queues
 * @param destinations the queues that take their events
 * @param eventsPerSecond over the last minute
 * @param batchesPerSecond over the last minute, the empty ones too
 * @param pendingEvents an estimate, from the event sequences
 * @param lagSeconds of the source queue that is farthest behind, see {@link Lag}
 */
@JsonIgnoreProperties(value = "etaSeconds", allowGetters = true)
record RouteFigures(
    String queue,
    List<String> destinations,
    double eventsPerSecond,
    double batchesPerSecond,
    long pendingEvents,
    double lagSeconds) {

  RouteFigures {
    destinations = List.copyOf(destinations);
  }

  /** How long what is pending takes at the present rate; null when nothing moves. */
  public @Nullable Double getEtaSeconds() {
    if (pendingEvents == 0) {
      return 0.0;
    }
    return eventsPerSecond < 0.01 ? null : Double.valueOf(pendingEvents / eventsPerSecond);
  }

  /** For people: {@code 3.2}, or {@code -} when nothing moves. */
  String eta() {
    var seconds = getEtaSeconds();
    return seconds == null ? "-" : "%.1f".formatted(seconds);
  }
}
