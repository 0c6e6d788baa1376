package io.github.pgqfleet.deploy.bench;

import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code bench latency}; its options are taught by {@code deploy/bench latency --help}. */
@Command(
    name = "latency",
    mixinStandardHelpOptions = true,
    description = "From INSERT to handler; see also: deploy/bench latency --help")
final class LatencyCommand implements Callable<Integer> {

  @Option(names = "--databases", defaultValue = "256", paramLabel = "N")
  private int databases;

  @Option(names = "--clusters", defaultValue = "1", paramLabel = "N")
  private int clusters;

  @Option(names = "--rate", defaultValue = "200", paramLabel = "R")
  private double rate;

  @Option(names = "--period", defaultValue = "100ms", converter = InUnits.class)
  @SuppressWarnings("NullAway.Init") // picocli sets it
  private Duration period;

  @Option(names = "--workers", defaultValue = "1", paramLabel = "N")
  private int workers;

  @Option(names = "--settle", defaultValue = "30", paramLabel = "S")
  private int settle;

  @Option(names = "--seconds", defaultValue = "20", paramLabel = "S")
  private int seconds;

  @Option(names = "--runs", defaultValue = "5", paramLabel = "N")
  private int runs;

  @Mixin private final ChainProcesses processes = new ChainProcesses();

  @Spec
  @SuppressWarnings("NullAway.Init") // picocli sets it
  private CommandSpec spec;

  @Override
  public Integer call() throws Exception {
    LatencyOptions options;
    try {
      options =
          new LatencyOptions(
              databases,
              clusters,
              rate,
              period,
              workers,
              Duration.ofSeconds(settle),
              Duration.ofSeconds(seconds),
              runs,
              processes.tickerJvm(),
              processes.mover(),
              processes.worker());
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
    }
    return Bench.run(new LatencyBench(options, new Narrator(System.err), System.out)::run);
  }
}
