package io.github.pgqfleet.deploy.bench;

import io.github.pgqfleet.deploy.bench.TickerOptions.Part;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code bench ticker}; what its options mean is taught by {@code deploy/bench ticker --help}. */
@Command(
    name = "ticker",
    mixinStandardHelpOptions = true,
    description = "Our ticker against pgqd; see also: deploy/bench ticker --help")
final class TickerCommand implements Callable<Integer> {

  @Option(names = "--databases", split = ",", defaultValue = "256", paramLabel = "N")
  @SuppressWarnings("NullAway.Init") // picocli sets it
  private List<Integer> databases;

  @Option(names = "--clusters", defaultValue = "1", paramLabel = "N")
  private int clusters;

  @Option(names = "--load", split = ",", defaultValue = "idle,busy16", paramLabel = "LOAD")
  @SuppressWarnings("NullAway.Init") // picocli sets it
  private List<LoadKind> loads;

  @Option(names = "--period", defaultValue = "1s", converter = InUnits.class)
  @SuppressWarnings("NullAway.Init") // picocli sets it
  private Duration period;

  @Option(names = "--peer-period", defaultValue = "1s", converter = InUnits.class)
  @SuppressWarnings("NullAway.Init") // picocli sets it
  private Duration peerPeriod;

  @Option(names = "--runs", defaultValue = "5", paramLabel = "N")
  private int runs;

  @Option(names = "--seconds", defaultValue = "20", paramLabel = "S")
  private int seconds;

  @Option(names = "--settle", defaultValue = "5", paramLabel = "S")
  private int settle;

  @Option(names = "--rate", defaultValue = "10", paramLabel = "R")
  private double rate;

  @Option(names = "--rate-over-all", defaultValue = "200", paramLabel = "R")
  private double rateOverAll;

  @Option(names = "--straddlers", defaultValue = "8", paramLabel = "N")
  private int straddlers;

  @Option(names = "--straddler-quiet", defaultValue = "30", paramLabel = "S")
  private int straddlerQuiet;

  @Option(names = "--straddler-wait", defaultValue = "70", paramLabel = "S")
  private int straddlerWait;

  @Option(names = "--parts", split = ",", defaultValue = "runs,straddler,once", paramLabel = "PART")
  @SuppressWarnings("NullAway.Init") // picocli sets it
  private Set<Part> parts;

  @Option(
      names = "--jvm-options",
      split = " ",
      // As in deploy/cron.
      defaultValue = "-Xmx64m -XX:+UseSerialGC -XX:TieredStopAtLevel=1")
  @SuppressWarnings("NullAway.Init") // picocli sets it
  private List<String> jvmOptions;

  @Spec
  @SuppressWarnings("NullAway.Init") // picocli sets it
  private CommandSpec spec;

  @Override
  public Integer call() throws Exception {
    TickerOptions options = options();
    return Bench.run(new TickerBench(options, new Narrator(System.err), System.out)::run);
  }

  private TickerOptions options() {
    try {
      return new TickerOptions(
          databases,
          clusters,
          loads,
          period,
          peerPeriod,
          runs,
          Duration.ofSeconds(seconds),
          Duration.ofSeconds(settle),
          rate,
          rateOverAll,
          straddlers,
          Duration.ofSeconds(straddlerQuiet),
          Duration.ofSeconds(straddlerWait),
          EnumSet.copyOf(parts),
          jvmOptions);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
    }
  }
}
