package io.github.pgqfleet.mover;

import io.github.pgqfleet.config.AdminConfig;
import io.github.pgqfleet.config.FleetConfig;
import io.github.pgqfleet.config.Section;
import io.github.pgqfleet.sql.Database;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * What the mover reads of {@code fleet.conf}. Immutable; the keys are explained in {@code
 * reference.conf}.
 */
record MoverConfig(
    FleetConfig fleet,
    String consumer,
    Map<String, String> routes,
    OriginColumn originColumn,
    Duration pollInterval,
    int bufferBytes,
    Duration batchTimeout,
    int sourceConnections,
    int destinationConnections,
    Duration heartbeat,
    Duration stopDeadline,
    AdminConfig admin) {

  private static final Duration HOUR = Duration.ofHours(1);

  static MoverConfig read(Section root) {
    var fleet = FleetConfig.read(root);
    var mover = root.section("mover");
    var routes = mover.texts("routes");
    for (var queue : routes.keySet()) {
      if (!fleet.queues().containsKey(queue)) {
        mover.problem(
            "routes",
            "names the source queue \"%s\", which fleet.queues lacks; it has %s"
                .formatted(queue, fleet.queues().keySet()));
      }
    }
    for (var server : fleet.servers()) {
      if (server.databases().stream().anyMatch(server.excluded()::contains)) {
        root.section("fleet")
            .section("servers")
            .section(server.name())
            .problem(
                "databases", "names the destination, whose queues would be copied into themselves");
      }
    }
    if (mover.string("consumer").isBlank()) {
      mover.problem("consumer", "is empty; it names the mover on every source queue");
    }
    return new MoverConfig(
        fleet,
        mover.string("consumer"),
        Map.copyOf(routes),
        mover.oneOf("origin-column", OriginColumn.class),
        mover.duration("poll-interval", Duration.ofMillis(50), HOUR),
        mover.bytes("buffer-size", 1, 1 << 30),
        mover.duration("batch-timeout", Duration.ofSeconds(1), Duration.ofDays(1)),
        mover.integer("source-connections", 1, 100),
        mover.integer("destination-connections", 1, 1000),
        mover.duration("heartbeat", Duration.ofMillis(100), Duration.ofMinutes(1)),
        mover.duration("stop-deadline", Duration.ZERO, HOUR),
        AdminConfig.read(mover));
  }

  /** The queues of a source database, in the order of their names. */
  List<SourceQueue> queues(Database source) {
    return fleet.queues().keySet().stream()
        .map(queue -> new SourceQueue(source, queue, consumer, destinationQueue(queue)))
        .toList();
  }

  /** The destination queue of a source queue: the one of its route, or of the same name. */
  String destinationQueue(String queue) {
    return routes.getOrDefault(queue, queue);
  }
}
