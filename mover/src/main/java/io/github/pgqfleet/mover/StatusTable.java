package io.github.pgqfleet.mover;

import io.github.pgqfleet.cli.Screen;
import io.github.pgqfleet.cli.Table;
import io.github.pgqfleet.cli.Tone;
import io.github.pgqfleet.mover.FleetStatus.QueueLag;
import java.util.Locale;

/** Prints a {@link FleetStatus} for people. Stateless. */
final class StatusTable {

  private StatusTable() {}

  /** Prints the movers, the routes, the queues that need a look most, and a summary of all. */
  static void print(FleetStatus status, Screen screen) {
    movers(status, screen);
    screen.out().println();
    routes(status, screen);
    screen.out().println();
    queues(status, screen);
    status.drains().forEach((source, state) -> screen.line(Tone.PLAIN, source + ": " + state));
    status
        .unreachable()
        .forEach(
            (place, why) -> screen.line(Tone.BAD, why.contains(place) ? why : place + ": " + why));
    var isMoved = status.movers().stream().anyMatch(FleetStatus.Mover::alive);
    screen.line(isMoved ? Tone.HEADING : Tone.BAD, summary(status));
  }

  private static void movers(FleetStatus status, Screen screen) {
    var table = new Table("MOVER", "HOST", "STATE", ">BEAT_S", ">LEADS");
    for (var m : status.movers()) {
      table.row(
          m.alive() ? Tone.PLAIN : Tone.FAINT,
          m.id(),
          m.host(),
          m.alive() ? "alive" : "dead",
          tenths(m.beatSeconds()),
          m.leads().size());
    }
    table.print(screen);
  }

  private static void routes(FleetStatus status, Screen screen) {
    var table = new Table("ROUTE", ">EVENTS/S", ">BATCHES/S", ">PENDING", ">LAG_S", ">ETA_S");
    for (var r : status.routes()) {
      table.row(
          Tone.PLAIN,
          r.queue() + " -> " + String.join(", ", r.destinations()),
          tenths(r.eventsPerSecond()),
          tenths(r.batchesPerSecond()),
          r.pendingEvents(),
          tenths(r.lagSeconds()),
          r.eta());
    }
    table.print(screen);
  }

  private static void queues(FleetStatus status, Screen screen) {
    var table = new Table("QUEUE", "STATE", ">PENDING", ">LAG_S", "LEADER");
    for (var q : status.queues()) {
      table.row(
          tone(q), q.queue(), q.state(), q.pendingEvents(), tenths(q.lagSeconds()), q.leader());
    }
    table.print(screen);
  }

  private static Tone tone(QueueLag queue) {
    if (queue.state().equals("lost")) {
      return Tone.BAD;
    }
    return queue.state().equals(FleetStatus.ACTIVE) ? Tone.PLAIN : Tone.WARNING;
  }

  private static String summary(FleetStatus status) {
    var queues = status.queues();
    return String.format(
        Locale.ROOT,
        "mover: queues=%d active=%d lost=%d led=%d pending=%d max_lag_s=%.1f"
            + " events_per_s=%.1f movers=%d drains=%d unreachable=%d",
        queues.size(),
        queues.stream().filter(q -> q.state().equals(FleetStatus.ACTIVE)).count(),
        queues.stream().filter(q -> q.state().equals("lost")).count(),
        queues.stream().filter(q -> !q.leader().isEmpty()).count(),
        queues.stream().mapToLong(QueueLag::pendingEvents).sum(),
        queues.stream().mapToDouble(QueueLag::lagSeconds).max().orElse(0),
        status.routes().stream().mapToDouble(RouteFigures::eventsPerSecond).sum(),
        status.movers().stream().filter(FleetStatus.Mover::alive).count(),
        status.drains().size(),
        status.unreachable().size());
  }

  private static String tenths(double value) {
    return String.format(Locale.ROOT, "%.1f", value);
  }
}
