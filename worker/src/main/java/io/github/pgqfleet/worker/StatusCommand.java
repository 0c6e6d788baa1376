package io.github.pgqfleet.worker;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.pgqfleet.cli.ConfigOption;
import io.github.pgqfleet.cli.Version;
import io.github.pgqfleet.sql.Sessions;
import io.github.pgqfleet.worker.coop.GroupStatus;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code worker status}. */
@Command(
    name = "status",
    description = "Shows, for each queue, the group of sub-consumers and how far it is.",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class)
final class StatusCommand implements Callable<Integer> {

  private static final String LINE = "%-24s %11s %6s %12s %10s %s%n";

  @Mixin private final ConfigOption config = new ConfigOption();

  @Option(names = "--json", description = "Print JSON.")
  private boolean json;

  @Option(names = "--watch", description = "Print it again each second, until interrupted.")
  private boolean watch;

  @Spec
  @SuppressWarnings("NullAway.Init") // picocli sets it
  private CommandSpec spec;

  @Override
  public Integer call() throws Exception {
    var worker = config.load(WorkerConfig::read);
    var out = spec.commandLine().getOut();
    try (var connection = new Sessions("pgq-fleet worker status").open(worker.destination())) {
      while (true) {
        print(GroupStatus.read(connection, worker.consumer()), out);
        if (!watch) {
          return 0;
        }
        Thread.sleep(Duration.ofSeconds(1));
      }
    }
  }

  private void print(List<GroupStatus> groups, PrintWriter out) throws Exception {
    if (json) {
      out.println(new ObjectMapper().writeValueAsString(groups));
    } else {
      out.printf(LINE, "queue", "subconsumers", "open", "pending", "lag", "");
      groups.forEach(
          g ->
              out.printf(
                  LINE,
                  g.queue(),
                  g.subconsumers(),
                  g.openBatches(),
                  g.pendingEvents(),
                  "%.1fs".formatted(g.lagSeconds()),
                  g.paused() ? "paused" : ""));
    }
    out.flush();
  }
}
