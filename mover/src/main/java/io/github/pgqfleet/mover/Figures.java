package io.github.pgqfleet.mover;

import com.codahale.metrics.Meter;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.pgqfleet.metrics.FleetMetrics;
import io.github.pgqfleet.sql.Database;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
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

  Figures(MoverConfig config, FleetMetrics metrics) {
    for (var queue : config.fleet().queues().keySet()) {
      var route = new Route(config.route(queue).queues(), new Meter(), new Meter());
      routes.put(queue, route);
      metrics.gauge(MoverMetric.EVENTS, route.events()::getCount, queue);
      metrics.gauge(MoverMetric.BATCHES, route.batches()::getCount, queue);
      metrics.gauge(MoverMetric.PENDING, () -> of(queue).pendingEvents(), queue);
      metrics.gauge(MoverMetric.LAG, () -> of(queue).lagSeconds(), queue);
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

  /** The lag of a database's queue that is farthest behind; nothing when this mover leads none. */
  Optional<Double> lagSeconds(Database database) {
    var prefix = database.id() + "/";
    return routes.keySet().stream()
        .map(queue -> lags.get(prefix + queue))
        .filter(Objects::nonNull)
        .map(its -> its.lag().seconds())
        .max(Double::compare);
  }

  /** How many events this mover has moved. */
  long events() {
    return routes.values().stream().mapToLong(r -> r.events().getCount()).sum();
  }

  /** How many batches this mover has moved. */
  long batches() {
    return routes.values().stream().mapToLong(r -> r.batches().getCount()).sum();
  }

  /** Events a second over the last minute. */
  double eventsPerSecond() {
    return routes.values().stream().mapToDouble(r -> r.events().getOneMinuteRate()).sum();
  }

  /** Batches a second over the last minute, the empty ones too. */
  double batchesPerSecond() {
    return routes.values().stream().mapToDouble(r -> r.batches().getOneMinuteRate()).sum();
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
