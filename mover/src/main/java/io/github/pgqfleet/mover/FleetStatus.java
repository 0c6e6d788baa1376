package io.github.pgqfleet.mover;

import io.github.pgqfleet.fleet.Discovery;
import io.github.pgqfleet.fleet.Sweep;
import io.github.pgqfleet.fleet.Sweep.Outcome;
import io.github.pgqfleet.pgq.Pgq;
import io.github.pgqfleet.pgq.Tick;
import io.github.pgqfleet.sql.ApplicationNames;
import io.github.pgqfleet.sql.Database;
import io.github.pgqfleet.sql.Sessions;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * How far the movers are, as the databases themselves tell it. Immutable; as it stands here it is
 * what {@code mover status --json} prints.
 *
 * @param queues every source queue: those that are not active first, then the farthest behind
 * @param routes every route, with the rates that the running movers tell
 * @param movers the movers, and for a day those that died
 * @param drains {@code draining} or {@code drained}, by source database
 * @param unreachable servers and databases that could not be asked, and why; not those drained
 */
record FleetStatus(
    List<QueueLag> queues,
    List<RouteFigures> routes,
    List<Mover> movers,
    Map<String, String> drains,
    Map<String, String> unreachable) {

  static final String ACTIVE = "active";

  private static final Comparator<QueueLag> WORST_FIRST =
      Comparator.comparing((QueueLag q) -> q.state().equals(ACTIVE))
          .thenComparing(Comparator.comparingDouble(QueueLag::lagSeconds).reversed())
          .thenComparing(QueueLag::queue);

  /**
   * One source queue.
   *
   * @param state {@code active}; {@code registering}; {@code unregistered} when neither side knows
   *     the consumer; {@code lost} when the two do not agree, and nothing is moved; {@code unknown}
   *     when the destination cannot be asked
   * @param pendingEvents an estimate, from the event sequence
   * @param lagSeconds age of the tick up to which everything has been delivered
   * @param leader the id of the mover that holds the database's lock, empty when none does
   */
  record QueueLag(
      String queue, String state, long pendingEvents, double lagSeconds, String leader) {}

  /**
   * One mover.
   *
   * @param alive whether its next heartbeat is not overdue
   * @param beatSeconds how long ago its last heartbeat was
   * @param leads the source databases that it leads; those of a dead one are led by others by now
   */
  record Mover(String id, String host, boolean alive, double beatSeconds, List<String> leads) {}

  /** What the destination knows. */
  private record Central(
      Map<String, Position> positions, List<MoverRow> movers, Map<String, String> drains) {}

  static FleetStatus look(MoverConfig config) throws InterruptedException {
    var sessions = new Sessions(ApplicationNames.MOVER + "status");
    var unreachable = new TreeMap<String, String>();
    var sources = sources(config, sessions, unreachable);
    // The sources first: a mover that goes on meanwhile is then seen ahead, and not behind.
    var seen = new ArrayList<SourceLag>();
    Sweep.run(sources, database -> SourceLag.of(database, config, sessions), () -> {})
        .forEach((database, outcome) -> collect(database, outcome, seen, unreachable));
    Central central;
    try {
      central = central(config, sessions);
    } catch (SQLException e) {
      var destination = config.fleet().destination();
      unreachable.put(destination.id(), String.valueOf(e.getMessage()));
      return new FleetStatus(
          seen.stream()
              .map(source -> queue(source, "unknown", source.look().lag(Optional.empty())))
              .sorted(WORST_FIRST)
              .toList(),
          routes(config, finished(seen), List.of()),
          List.of(),
          Map.of(),
          unreachable);
    }
    var queues = new ArrayList<QueueLag>();
    var lags = new HashMap<SourceQueue, Lag>();
    for (var source : seen) {
      var state = state(source, central.positions(), sessions);
      // Only there is the position one of this very queue.
      var delivered =
          state.equals(ACTIVE) ? delivered(source, central.positions()) : Optional.<Tick>empty();
      var lag = source.look().lag(delivered);
      lags.put(source.queue(), lag);
      queues.add(queue(source, state, lag));
    }
    queues.sort(WORST_FIRST);
    // Its server may well be stopped; that is what it was drained for.
    central.drains().entrySet().stream()
        .filter(drain -> drain.getValue().equals("drained"))
        .forEach(drain -> unreachable.remove(drain.getKey()));
    return new FleetStatus(
        queues,
        routes(config, lags, central.movers()),
        central.movers().stream()
            .map(m -> new Mover(m.id(), m.host(), m.alive(), m.beatSeconds(), m.leads()))
            .toList(),
        central.drains(),
        unreachable);
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

  private static Central central(MoverConfig config, Sessions sessions) throws SQLException {
    try (var connection = sessions.open(config.fleet().destination())) {
      return new Central(
          new Positions(connection).all(config.consumer()),
          MoverRow.all(connection, config.consumer()),
          new Drains(connection, config.consumer()).all());
    }
  }

  private static Map<SourceQueue, Lag> finished(List<SourceLag> seen) {
    var lags = new HashMap<SourceQueue, Lag>();
    seen.forEach(source -> lags.put(source.queue(), source.look().lag(Optional.empty())));
    return lags;
  }

  private static QueueLag queue(SourceLag source, String state, Lag lag) {
    return new QueueLag(
        source.queue().id(), state, lag.pendingEvents(), lag.seconds(), source.leader());
  }

  private static Optional<Tick> delivered(SourceLag source, Map<String, Position> positions) {
    return positions.get(source.queue().id()) instanceof Position.Active(var tick)
        ? Optional.of(tick)
        : Optional.empty();
  }

  /** What is pending as the sources tell it, at the rates that the running movers tell. */
  private static List<RouteFigures> routes(
      MoverConfig config, Map<SourceQueue, Lag> lags, List<MoverRow> movers) {
    var rates = new HashMap<String, double[]>();
    movers.stream()
        .filter(MoverRow::alive)
        .flatMap(mover -> Figures.parse(mover.figures()).stream())
        .forEach(
            r ->
                rates.merge(
                    r.queue(),
                    new double[] {r.eventsPerSecond(), r.batchesPerSecond()},
                    (a, b) -> new double[] {a[0] + b[0], a[1] + b[1]}));
    return config.fleet().queues().keySet().stream()
        .map(
            queue -> {
              var rate = rates.getOrDefault(queue, new double[2]);
              var its =
                  lags.entrySet().stream()
                      .filter(lag -> lag.getKey().queue().equals(queue))
                      .map(Map.Entry::getValue)
                      .toList();
              return new RouteFigures(
                  queue,
                  config.route(queue).queues(),
                  rate[0],
                  rate[1],
                  its.stream().mapToLong(Lag::pendingEvents).sum(),
                  its.stream().mapToDouble(Lag::seconds).max().orElse(0));
            })
        .toList();
  }

  /** As {@link Registration} and {@link MoveBatch} would find it. */
  private static String state(SourceLag lag, Map<String, Position> positions, Sessions sessions) {
    var position = positions.get(lag.queue().id());
    var finished = lag.look().finished();
    if (finished.isEmpty()) {
      return position instanceof Position.Active ? "lost" : "unregistered";
    }
    return switch (position) {
      case null -> "lost";
      case Position.Registering() -> "registering";
      case Position.Active(var tick) -> fits(lag, finished.get(), tick, sessions);
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
}
