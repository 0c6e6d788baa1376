package io.github.pgqfleet.ticker;

import io.github.pgqfleet.cli.Screen;
import io.github.pgqfleet.cli.Table;
import io.github.pgqfleet.cli.Tone;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Prints statuses as a table. Stateless. */
final class StatusTable {

  private StatusTable() {}

  static void print(List<DatabaseStatus> all, Screen screen) {
    var table = new Table("DATABASE", "TICKED BY", ">QUEUES", ">TICK AGE", ">PENDING", "NOTE");
    all.forEach(status -> add(status, table));
    table.print(screen);
    var alarms = all.stream().flatMap(s -> s.alarms().stream()).toList();
    alarms.stream()
        .limit(screen.most())
        .forEach(alarm -> screen.line(Tone.WARNING, "alarm: " + alarm));
    screen.line(
        Tone.HEADING,
        "status: databases=%d unticked=%d unreachable=%d alarms=%d"
            .formatted(
                all.size(),
                all.stream().filter(s -> s.problem() == null && s.leader() == null).count(),
                all.stream().filter(s -> s.problem() != null).count(),
                alarms.size()));
  }

  private static void add(DatabaseStatus status, Table table) {
    if (status.problem() != null) {
      table.row(Tone.BAD, status.database(), "?", "?", "?", "?", status.problem());
      return;
    }
    var leader = status.leader();
    var age = status.oldestTickSeconds();
    var note = note(status);
    table.row(
        leader == null ? Tone.BAD : note.isEmpty() ? Tone.PLAIN : Tone.WARNING,
        status.database(),
        leader == null
            ? "nobody"
            : "%s pid %d from %s".formatted(leader.application(), leader.pid(), leader.host()),
        status.queues(),
        age == null ? "-" : String.format(Locale.ROOT, "%.1fs", age),
        status.pendingEvents(),
        note);
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
