package io.github.pgqfleet.ticker;

import io.github.pgqfleet.cli.Checks;
import io.github.pgqfleet.cli.ConfigOption;
import java.util.ArrayList;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code ticker check}: what is amiss, without changing anything. */
@Command(
    name = "check",
    mixinStandardHelpOptions = true,
    description = {
      "Looks, without changing anything, whether every database can be reached and ticked:"
          + " PostgreSQL's and PgQ's versions, the role's privileges, the queues and their settings.",
      "",
      "Prints a line with a remedy for each problem; exit code 1 when there is any.",
      ""
    })
final class CheckCommand implements Callable<Integer> {

  @Mixin
  @SuppressWarnings("NullAway.Init") // picocli sets it
  private ConfigOption configOption;

  @Spec
  @SuppressWarnings("NullAway.Init") // picocli sets it
  private CommandSpec spec;

  @Override
  public Integer call() throws InterruptedException {
    var config = configOption.load(TickerConfig::readForDaemon);
    var checks = new Checks(ApplicationName.command(), spec.commandLine().getOut());
    var databases = new ArrayList<>(checks.sources(config.fleet()));
    databases.add(config.fleet().destination());
    checks.inspect(databases, new TickerInspector(config.fleet().queues(), config.vacuum()));
    return checks.summary(databases.size());
  }
}
