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
    Map<String, Route> routes,
    OriginColumn originColumn,
    Duration pollInterval,
    int coalesceEvents,
    FinishDelay finishDelay,
    Duration commitInterval,
    int bufferBytes,
    int bufferMemory,
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
    var bufferBytes = mover.bytes("buffer-size", 1, 1 << 30);
    return new MoverConfig(
        fleet,
        mover.string("consumer"),
        Routes.read(mover, fleet.queues().keySet()),
        mover.oneOf("origin-column", OriginColumn.class),
        mover.duration("poll-interval", Duration.ofMillis(50), HOUR),
        mover.integer("coalesce-events", 0, 10_000_000),
        new FinishDelay(
            mover.duration("finish-delay", Duration.ZERO, HOUR),
            mover.duration("idle-finish-delay", Duration.ZERO, HOUR)),
        mover.duration("commit-interval", Duration.ZERO, Duration.ofMinutes(1)),
        bufferBytes,
        mover.bytes("buffer-memory", bufferBytes, Integer.MAX_VALUE),
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
        .map(queue -> new SourceQueue(source, queue, consumer, route(queue), originColumn))
        .toList();
  }

  /** Where a source queue's events go: its route, or the queue of the same name. */
  Route route(String queue) {
    return routes.getOrDefault(queue, new Route.Whole(queue));
  }

  /** The destination queues of all source queues, each once. */
  List<String> destinationQueues() {
    return fleet.queues().keySet().stream()
        .flatMap(queue -> route(queue).queues().stream())
        .distinct()
        .toList();
  }
}
