package io.github.pgqfleet.deploy.demo;

import io.github.pgqfleet.cli.FleetCli;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The command line of the demonstration; {@code deploy/demo} builds everything and starts it. */
@Command(
    name = "demo",
    mixinStandardHelpOptions = true,
    description = {
      "Shows the whole pipeline on a private PostgreSQL, under load, and audits the result.",
      "Ends with 0 when nothing was lost, duplicated, torn or seen from a transaction rolled back."
    })
public final class Demo implements Callable<Integer> {

  @Option(
      names = "--databases",
      paramLabel = "N",
      defaultValue = "256",
      description = "Source databases (default: ${DEFAULT-VALUE}).")
  private int databases;

  @Option(
      names = "--seconds",
      paramLabel = "S",
      defaultValue = "30",
      description = "How long the load lasts (default: ${DEFAULT-VALUE}).")
  private int seconds;

  @Option(
      names = "--rate",
      paramLabel = "R",
      defaultValue = "1000",
      description = "Events a second over all databases (default: ${DEFAULT-VALUE}).")
  private int rate;

  @Option(
      names = "--keep",
      description = "Leave everything running after the audit, and say how to look at it.")
  private boolean keep;

  @Spec
  @SuppressWarnings("NullAway.Init") // picocli sets it
  private CommandSpec spec;

  private Demo() {}

  public static void main(String[] arguments) {
    FleetCli.main(new Demo(), arguments);
  }

  @Override
  public Integer call() throws Exception {
    var screen = new Screen(System.out);
    try {
      return new DemoRun(options(), screen).run() ? 0 : 1;
    } catch (DemoFailure e) {
      screen.print("demo: " + e.getMessage());
      return 1;
    }
  }

  private DemoOptions options() {
    try {
      return new DemoOptions(databases, Duration.ofSeconds(seconds), rate, keep);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
    }
  }
}
