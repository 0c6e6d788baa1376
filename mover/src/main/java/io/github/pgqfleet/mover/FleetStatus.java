package io.github.pgqfleet.mover;

import io.github.pgqfleet.fleet.Discovery;
import io.github.pgqfleet.fleet.Sweep;
import io.github.pgqfleet.fleet.Sweep.Outcome;
import io.github.pgqfleet.pgq.Pgq;
import io.github.pgqfleet.pgq.Tick;
import io.github.pgqfleet.sql.Database;
import io.github.pgqfleet.sql.Sessions;
import java.io.PrintWriter;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * How far the mover is, as the databases themselves tell it. Immutable.
 *
 * @param queues every source queue: those that are not active first, then the farthest behind
 * @param unreachable servers and databases that could not be asked, and why
 */
record FleetStatus(List<QueueLag> queues, Map<String, String> unreachable) {

  static final String ACTIVE = "active";

  /**
   * One source queue.
   *
   * @param state {@code active}; {@code registering}; {@code unregistered} when neither side knows
   *     the consumer; {@code lost} when the two do not agree, and nothing is moved; {@code unknown}
   *     when the destination cannot be asked
   * @param pendingEvents an estimate, from the event sequence
   * @param lagSeconds age of the tick up to which everything has been delivered
   * @param leader the client address of the mover that leads the database, empty when none does
   */
  record QueueLag(
      String queue, String state, long pendingEvents, double lagSeconds, String leader) {}

  static FleetStatus look(MoverConfig config) throws InterruptedException {
    var sessions = new Sessions("pgq-fleet mover status");
    var unreachable = new TreeMap<String, String>();
    var sources = sources(config, sessions, unreachable);
    // The sources first: a mover that goes on meanwhile is then seen ahead, and not behind.
    var seen = new ArrayList<SourceLag>();
    Sweep.run(sources, database -> SourceLag.of(database, config, sessions), () -> {})
        .forEach((database, outcome) -> collect(database, outcome, seen, unreachable));
    var positions = positions(config, sessions, unreachable);
    var queues = new ArrayList<QueueLag>();
    for (var lag : seen) {
      queues.add(
          new QueueLag(
              lag.queue().id(),
              positions == null ? "unknown" : state(lag, positions, sessions),
              lag.pendingEvents(),
              lag.lagSeconds(),
              lag.leader()));
    }
    queues.sort(
        Comparator.comparing((QueueLag q) -> q.state().equals(ACTIVE))
            .thenComparing(Comparator.comparingDouble(QueueLag::lagSeconds).reversed()));
    return new FleetStatus(queues, unreachable);
  }

  private static List<Database> sources(
      MoverConfig config, Sessions sessions, Map<String, String> unreachable) {
    var sources = new ArrayList<Database>();
    for (var server : config.fleet().servers()) {
      try {
        sources.addAll(Discovery.find(server, sessions));
      } catch (SQLException e) {
        unreachable.put(server.name(), String.valueOf(e.getMessage()));
      }
    }
    return sources;
  }

  private static void collect(
      Database database,
      Outcome<List<SourceLag>> outcome,
      List<SourceLag> seen,
      Map<String, String> unreachable) {
    switch (outcome) {
      case Outcome.Done<List<SourceLag>>(var lags) -> seen.addAll(lags);
      case Outcome.Failed<List<SourceLag>>(var reason) ->
          unreachable.put(database.id(), String.valueOf(reason.getMessage()));
    }
  }

  private static @Nullable Map<String, Position> positions(
      MoverConfig config, Sessions sessions, Map<String, String> unreachable) {
    var destination = config.fleet().destination();
    try (var connection = sessions.open(destination)) {
      return new Positions(connection).all(config.consumer());
    } catch (SQLException e) {
      unreachable.put(destination.id(), String.valueOf(e.getMessage()));
      return null;
    }
  }

  /** As {@link Registration} and {@link MoveBatch} would find it. */
  private static String state(SourceLag lag, Map<String, Position> positions, Sessions sessions) {
    var position = positions.get(lag.queue().id());
    if (lag.lastTick().isEmpty()) {
      return position instanceof Position.Active ? "lost" : "unregistered";
    }
    return switch (position) {
      case null -> "lost";
      case Position.Registering() -> "registering";
      case Position.Active(var tick) -> fits(lag, lag.lastTick().get(), tick, sessions);
    };
  }

  private static String fits(SourceLag lag, Tick last, Tick position, Sessions sessions) {
    if (position.equals(last)) {
      return ACTIVE;
    }
    if (position.id() <= last.id()) {
      return "lost";
    }
    try (var connection = sessions.open(lag.queue().source())) {
      var tick = new Pgq(connection).tick(lag.queue().queue(), position.id());
      return tick.filter(position::equals).isPresent() ? ACTIVE : "lost";
    } catch (SQLException e) {
      return "unknown";
    }
  }

  /** Prints a table of the queues that need a look most, and a summary of all. */
  void print(PrintWriter out, int most) {
    out.printf("%-48s %-12s %10s %9s  %s%n", "QUEUE", "STATE", "PENDING", "LAG_S", "LEADER");
    queues.stream()
        .limit(most)
        .forEach(
            q ->
                out.printf(
                    "%-48s %-12s %10d %9.1f  %s%n",
                    q.queue(), q.state(), q.pendingEvents(), q.lagSeconds(), q.leader()));
    unreachable.forEach(
        (place, why) -> out.println(why.contains(place) ? why : place + ": " + why));
    out.printf(
        "mover: queues=%d active=%d lost=%d led=%d pending=%d max_lag_s=%.1f unreachable=%d%n",
        queues.size(),
        queues.stream().filter(q -> q.state().equals(ACTIVE)).count(),
        queues.stream().filter(q -> q.state().equals("lost")).count(),
        queues.stream().filter(q -> !q.leader().isEmpty()).count(),
        queues.stream().mapToLong(QueueLag::pendingEvents).sum(),
        queues.stream().mapToDouble(QueueLag::lagSeconds).max().orElse(0),
        unreachable.size());
  }
}
