package io.github.pgqfleet.mover;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.pgqfleet.cli.ConfigOption;
import java.io.PrintWriter;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code mover status}. */
@Command(
    name = "status",
    mixinStandardHelpOptions = true,
    description = {
      "Shows the movers and what each leads, how much each route moves and how long its backlog will"
          + " take, how far every source queue is behind, and what is drained.",
      "Asks the databases themselves, so it works whether or not a mover runs."
    })
final class StatusCommand implements Callable<Integer> {

  private static final int WATCH_SECONDS = 2;

  @Mixin private final ConfigOption config = new ConfigOption();

  @Option(names = "--json", description = "Print JSON instead of a table.")
  private boolean json;

  @Option(names = "--watch", description = "Repeat every 2 seconds until interrupted.")
  private boolean watch;

  @Option(names = "--all", description = "Show every queue, not only the 20 farthest behind.")
  private boolean all;

  @Spec private @Nullable CommandSpec spec;

  @Override
  public Integer call() throws Exception {
    var mover = config.load(MoverConfig::read);
    var out = Objects.requireNonNull(spec).commandLine().getOut();
    while (true) {
      var status = FleetStatus.look(mover);
      show(status, out);
      if (!watch) {
        return status.unreachable().isEmpty() ? 0 : 1;
      }
      java.util.concurrent.TimeUnit.SECONDS.sleep(WATCH_SECONDS);
    }
  }

  private void show(FleetStatus status, PrintWriter out) throws java.io.IOException {
    if (json) {
      out.println(new ObjectMapper().writeValueAsString(status));
    } else {
      StatusTable.print(status, out, all ? Integer.MAX_VALUE : 20);
    }
    out.flush();
  }
}
