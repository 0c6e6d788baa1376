package io.github.pgqfleet.deploy.bench;

import io.github.pgqfleet.cli.FleetCli;
import io.github.pgqfleet.fixture.Await;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The command line of the benchmarks; {@code deploy/bench} builds everything and starts it. */
@Command(
    name = "bench",
    mixinStandardHelpOptions = true,
    subcommands = {
      TickerCommand.class,
      MoverDeepCommand.class,
      MoverWideCommand.class,
      MoverIdleCommand.class,
      WorkerCommand.class,
      LatencyCommand.class,
      TakeoverCommand.class
    },
    description = "Measures our processes against those that do the same work today.")
public final class Bench implements Runnable {

  @Spec
  @SuppressWarnings("NullAway.Init") // picocli sets it
  private CommandSpec spec;

  private Bench() {}

  public static void main(String[] arguments) {
    FleetCli.main(new Bench(), arguments);
  }

  /** What a benchmark does. */
  @FunctionalInterface
  interface Body {
    void run() throws Exception;
  }

  /** Runs one and returns its exit code; a failure is said on standard error. */
  static int run(Body body) throws Exception {
    try {
      body.run();
      return 0;
    } catch (BenchFailure | Await.TimeoutError | IllegalStateException e) {
      System.err.println("bench: " + e.getMessage());
      return 1;
    }
  }

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "Name a benchmark, such as ticker");
  }
}
