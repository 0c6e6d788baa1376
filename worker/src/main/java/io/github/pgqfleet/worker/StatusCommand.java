package io.github.pgqfleet.worker;

import io.github.pgqfleet.cli.ConfigOption;
import io.github.pgqfleet.cli.Screen;
import io.github.pgqfleet.cli.StatusOptions;
import io.github.pgqfleet.cli.Table;
import io.github.pgqfleet.cli.Tone;
import io.github.pgqfleet.cli.Version;
import io.github.pgqfleet.sql.Sessions;
import io.github.pgqfleet.worker.coop.GroupStatus;
import java.sql.SQLException;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code worker status}. */
@Command(
    name = "status",
    description =
        "Shows, for each queue, the group of sub-consumers and how far it is, the farthest behind"
            + " first. Asks the destination, so it works whether or not a worker runs.",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class)
final class StatusCommand implements Callable<Integer> {

  @Mixin private final ConfigOption config = new ConfigOption();

  @Mixin private final StatusOptions options = new StatusOptions();

  @Override
  public Integer call() throws Exception {
    var worker = config.load(WorkerConfig::read);
    return options.show(() -> read(worker), StatusCommand::print, groups -> true);
  }

  private static List<GroupStatus> read(WorkerConfig worker) throws SQLException {
    try (var connection = new Sessions("pgq-fleet worker status").open(worker.destination())) {
      return GroupStatus.read(connection, worker.consumer());
    }
  }

  private static void print(List<GroupStatus> groups, Screen screen) {
    var table = new Table("QUEUE", ">SUBCONSUMERS", ">OPEN", ">PENDING", ">LAG_S", "NOTE");
    groups.stream()
        .sorted(Comparator.comparingDouble(GroupStatus::lagSeconds).reversed())
        .forEach(
            g ->
                table.row(
                    tone(g),
                    g.queue(),
                    g.subconsumers(),
                    g.openBatches(),
                    g.pendingEvents(),
                    String.format(Locale.ROOT, "%.1f", g.lagSeconds()),
                    note(g)));
    table.print(screen);
    screen.line(
        Tone.HEADING,
        String.format(
            Locale.ROOT,
            "worker: queues=%d subconsumers=%d open=%d pending=%d max_lag_s=%.1f paused=%d",
            groups.size(),
            groups.stream().mapToInt(GroupStatus::subconsumers).sum(),
            groups.stream().mapToInt(GroupStatus::openBatches).sum(),
            groups.stream().mapToLong(GroupStatus::pendingEvents).sum(),
            groups.stream().mapToDouble(GroupStatus::lagSeconds).max().orElse(0),
            groups.stream().filter(GroupStatus::paused).count()));
  }

  private static Tone tone(GroupStatus group) {
    if (group.subconsumers() == 0) {
      return Tone.BAD;
    }
    return group.paused() ? Tone.WARNING : Tone.PLAIN;
  }

  private static String note(GroupStatus group) {
    if (group.paused()) {
      return "paused";
    }
    return group.subconsumers() == 0 ? "nobody consumes it" : "";
  }
}
