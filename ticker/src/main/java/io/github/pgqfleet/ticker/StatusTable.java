package io.github.pgqfleet.ticker;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Prints statuses as a table. Stateless. */
final class StatusTable {

  private static final String ROW = "%-32s %-44s %7s %10s %9s  %s";

  private StatusTable() {}

  static void print(List<DatabaseStatus> all, PrintWriter out) {
    out.println(ROW.formatted("DATABASE", "TICKED BY", "QUEUES", "TICK AGE", "PENDING", "NOTE"));
    all.forEach(status -> out.println(row(status).stripTrailing()));
    all.forEach(status -> status.alarms().forEach(alarm -> out.println("alarm: " + alarm)));
    out.println(
        "status: databases=%d unticked=%d unreachable=%d alarms=%d"
            .formatted(
                all.size(),
                all.stream().filter(s -> s.problem() == null && s.leader() == null).count(),
                all.stream().filter(s -> s.problem() != null).count(),
                all.stream().mapToInt(s -> s.alarms().size()).sum()));
  }

  private static String row(DatabaseStatus status) {
    if (status.problem() != null) {
      return ROW.formatted(status.database(), "?", "?", "?", "?", status.problem());
    }
    var leader = status.leader();
    var age = status.oldestTickSeconds();
    return ROW.formatted(
        status.database(),
        leader == null
            ? "nobody"
            : "%s pid %d from %s".formatted(leader.application(), leader.pid(), leader.host()),
        status.queues(),
        age == null ? "-" : String.format(Locale.ROOT, "%.1fs", age),
        status.pendingEvents(),
        note(status));
  }

  private static String note(DatabaseStatus status) {
    var notes = new ArrayList<String>();
    if (status.notTicked() > 0) {
      notes.add(status.notTicked() + " paused or external");
    }
    if (status.drift() > 0) {
      notes.add(status.drift() + " not as configured (see check)");
    }
    if (!status.alarms().isEmpty()) {
      notes.add(status.alarms().size() + " alarms (see below)");
    }
    return String.join(", ", notes);
  }
}
