package io.github.pgqfleet.mover;

import io.github.pgqfleet.cli.ConfigOption;
import io.github.pgqfleet.cli.StatusOptions;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code mover status}. */
@Command(
    name = "status",
    mixinStandardHelpOptions = true,
    description = {
      "Shows the movers and what each leads, how much each route moves and how long its backlog will"
          + " take, how far every source queue is behind, and what is drained.",
      "Asks the databases themselves, so it works whether or not a mover runs.",
      "",
      "Exit code 1 when a database cannot be asked."
    })
final class StatusCommand implements Callable<Integer> {

  @Mixin private final ConfigOption config = new ConfigOption();

  @Mixin private final StatusOptions options = new StatusOptions();

  @Override
  public Integer call() throws Exception {
    var mover = config.load(MoverConfig::read);
    return options.show(
        () -> FleetStatus.look(mover),
        StatusTable::print,
        status -> status.unreachable().isEmpty());
  }
}
