package io.github.pgqfleet.deploy.bench;

import io.github.pgqfleet.cli.FleetCli;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The command line of the benchmarks; {@code deploy/bench} builds everything and starts it. */
@Command(
    name = "bench",
    mixinStandardHelpOptions = true,
    subcommands = TickerCommand.class,
    description = "Measures our processes against those that do the same work today.")
public final class Bench implements Runnable {

  @Spec
  @SuppressWarnings("NullAway.Init") // picocli sets it
  private CommandSpec spec;

  private Bench() {}

  public static void main(String[] arguments) {
    FleetCli.main(new Bench(), arguments);
  }

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "Name a benchmark, such as ticker");
  }
}
