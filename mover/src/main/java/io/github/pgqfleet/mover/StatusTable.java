package io.github.pgqfleet.mover;

import io.github.pgqfleet.mover.FleetStatus.QueueLag;
import java.io.PrintWriter;

/** Prints a {@link FleetStatus} for people. Stateless. */
final class StatusTable {

  private StatusTable() {}

  /**
   * Prints the movers, the routes, the queues that need a look most, and a summary of all.
   *
   * @param most how many queues
   */
  static void print(FleetStatus status, PrintWriter out, int most) {
    movers(status, out);
    routes(status, out);
    queues(status, out, most);
    status.drains().forEach((source, state) -> out.println(source + ": " + state));
    status
        .unreachable()
        .forEach((place, why) -> out.println(why.contains(place) ? why : place + ": " + why));
    summary(status, out);
  }

  private static void movers(FleetStatus status, PrintWriter out) {
    out.printf("%-48s %-24s %-6s %7s %6s%n", "MOVER", "HOST", "STATE", "BEAT_S", "LEADS");
    for (var m : status.movers()) {
      out.printf(
          "%-48s %-24s %-6s %7.1f %6d%n",
          m.id(), m.host(), m.alive() ? "alive" : "dead", m.beatSeconds(), m.leads().size());
    }
  }

  private static void routes(FleetStatus status, PrintWriter out) {
    out.printf(
        "%n%-48s %9s %9s %10s %9s %9s%n",
        "ROUTE", "EVENTS/S", "BATCHES/S", "PENDING", "LAG_S", "ETA_S");
    for (var r : status.routes()) {
      out.printf(
          "%-48s %9.1f %9.1f %10d %9.1f %9s%n",
          r.queue() + " -> " + String.join(", ", r.destinations()),
          r.eventsPerSecond(),
          r.batchesPerSecond(),
          r.pendingEvents(),
          r.lagSeconds(),
          r.eta());
    }
  }

  private static void queues(FleetStatus status, PrintWriter out, int most) {
    out.printf("%n%-48s %-12s %10s %9s  %s%n", "QUEUE", "STATE", "PENDING", "LAG_S", "LEADER");
    status.queues().stream()
        .limit(most)
        .forEach(
            q ->
                out.printf(
                    "%-48s %-12s %10d %9.1f  %s%n",
                    q.queue(), q.state(), q.pendingEvents(), q.lagSeconds(), q.leader()));
  }

  private static void summary(FleetStatus status, PrintWriter out) {
    var queues = status.queues();
    out.printf(
        "mover: queues=%d active=%d lost=%d led=%d pending=%d max_lag_s=%.1f"
            + " events_per_s=%.1f movers=%d drains=%d unreachable=%d%n",
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
}
