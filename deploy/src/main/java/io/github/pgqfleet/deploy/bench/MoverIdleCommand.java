package io.github.pgqfleet.deploy.bench;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code bench mover-idle}; its options are taught by {@code deploy/bench mover-idle --help}. */
@Command(
    name = "mover-idle",
    mixinStandardHelpOptions = true,
    description = "Our ticker and mover on an idle fleet; see also: deploy/bench mover-idle --help")
final class MoverIdleCommand implements Callable<Integer> {

  @Option(names = "--databases", defaultValue = "256", paramLabel = "N")
  private int databases;

  @Option(names = "--clusters", defaultValue = "1", paramLabel = "N")
  private int clusters;

  @Option(names = "--period", defaultValue = "1s", converter = InUnits.class)
  @SuppressWarnings("NullAway.Init") // picocli sets it
  private Duration period;

  @Option(names = "--peer-period", defaultValue = "1s", converter = InUnits.class)
  @SuppressWarnings("NullAway.Init") // picocli sets it
  private Duration peerPeriod;

  @Option(names = "--runs", defaultValue = "5", paramLabel = "N")
  private int runs;

  @Option(names = "--seconds", defaultValue = "60", paramLabel = "S")
  private int seconds;

  @Option(names = "--warm-up", defaultValue = "60", paramLabel = "S")
  private int warmUp;

  @Option(
      names = "--ticker-jvm-options",
      split = " ",
      // As in deploy/cron.
      defaultValue = "-Xmx64m -XX:+UseSerialGC -XX:TieredStopAtLevel=1")
  @SuppressWarnings("NullAway.Init") // picocli sets it
  private List<String> tickerJvmOptions;

  @Mixin private final MoverProcess mover = new MoverProcess();

  @Spec
  @SuppressWarnings("NullAway.Init") // picocli sets it
  private CommandSpec spec;

  @Override
  public Integer call() throws Exception {
    MoverIdleBench.Options options;
    try {
      options =
          new MoverIdleBench.Options(
              databases,
              clusters,
              period,
              peerPeriod,
              Duration.ofSeconds(warmUp),
              Duration.ofSeconds(seconds),
              runs,
              tickerJvmOptions,
              mover.jvmOptions(),
              mover.settings());
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
    }
    return Bench.run(new MoverIdleBench(options, new Narrator(System.err), System.out)::run);
  }
}
