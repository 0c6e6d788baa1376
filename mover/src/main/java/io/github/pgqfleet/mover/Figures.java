package io.github.pgqfleet.mover;

import com.codahale.metrics.Gauge;
import com.codahale.metrics.Meter;
import com.codahale.metrics.MetricRegistry;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;

/** What this mover moves, and how far behind the queues are that it leads. Thread-safe. */
final class Figures {

  private static final ObjectMapper JSON = new ObjectMapper();

  /** The source queues of one name. */
  private record Route(List<String> destinations, Meter events, Meter batches) {}

  /** A source queue's name, and how far it is behind. */
  private record QueueLag(String queue, Lag lag) {}

  private final Map<String, Route> routes = new LinkedHashMap<>();
  private final Map<String, QueueLag> lags = new ConcurrentHashMap<>();

  Figures(MoverConfig config, MetricRegistry metrics) {
    for (var queue : config.fleet().queues().keySet()) {
      var name = MetricRegistry.name("mover.route", queue);
      routes.put(
          queue,
          new Route(
              config.route(queue).queues(),
              metrics.meter(name + ".events"),
              metrics.meter(name + ".batches")));
      metrics.register(name + ".pending", (Gauge<Long>) () -> of(queue).pendingEvents());
      metrics.register(name + ".lag_seconds", (Gauge<Double>) () -> of(queue).lagSeconds());
    }
  }

  /** A batch of one of the source queues of a name has been moved. */
  void moved(String queue, long events) {
    var route = routes.get(queue);
    if (route != null) {
      route.events().mark(events);
      route.batches().mark();
    }
  }

  /**
   * A poll has found a source queue so far behind.
   *
   * @param id the source queue's {@link SourceQueue#id}
   */
  void lag(String id, String queue, Lag lag) {
    lags.put(id, new QueueLag(queue, lag));
  }

  /** This mover leads a source queue no more. */
  void left(String id) {
    lags.remove(id);
  }

  /** All routes, in the order of their queues' names. */
  List<RouteFigures> routes() {
    return routes.keySet().stream().map(this::of).toList();
  }

  private RouteFigures of(String queue) {
    var route = Objects.requireNonNull(routes.get(queue));
    var pending = 0L;
    var lag = 0.0;
    for (var its : lags.values()) {
      if (its.queue().equals(queue)) {
        pending += its.lag().pendingEvents();
        lag = Math.max(lag, its.lag().seconds());
      }
    }
    return new RouteFigures(
        queue,
        route.destinations(),
        route.events().getOneMinuteRate(),
        route.batches().getOneMinuteRate(),
        pending,
        lag);
  }

  /** What {@code mover status} reads from the heartbeat. */
  String json() {
    try {
      return JSON.writeValueAsString(routes());
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The rates of the routes that a mover has told of with its heartbeat, by queue. */
  static List<RouteFigures> parse(String json) {
    try {
      return List.of(JSON.readValue(json, RouteFigures[].class));
    } catch (JsonProcessingException e) {
      return List.of(); // of another version
    }
  }

  /** The routes for a line in the log. */
  String line() {
    return routes().stream()
        .map(
            r ->
                "%s:%.0f/s,pending=%d,lag_s=%.1f,eta_s=%s"
                    .formatted(
                        r.queue(), r.eventsPerSecond(), r.pendingEvents(), r.lagSeconds(), r.eta()))
        .collect(Collectors.joining(" "));
  }
}
