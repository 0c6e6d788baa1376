package io.github.pgqfleet.deploy.bench;

import io.github.pgqfleet.deploy.bench.TickerOptions.Part;
import io.github.pgqfleet.fixture.Await;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

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

  /** Such as {@code 100ms}, {@code 1s}. */
  static final class InUnits implements ITypeConverter<Duration> {
    private static final Pattern DURATION = Pattern.compile("([1-9]\\d{0,5})(ms|s)");

    @Override
    public Duration convert(String text) {
      Matcher matcher = DURATION.matcher(text);
      if (!matcher.matches()) {
        throw new TypeConversionException("'" + text + "' is not a time such as 100ms or 1s");
      }
      long number = Long.parseLong(matcher.group(1));
      return matcher.group(2).equals("s") ? Duration.ofSeconds(number) : Duration.ofMillis(number);
    }
  }

  @Override
  public Integer call() throws Exception {
    TickerOptions options = options();
    try {
      new TickerBench(options, new Narrator(System.err), System.out).run();
      return 0;
    } catch (BenchFailure | Await.TimeoutError | IllegalStateException e) {
      System.err.println("bench: " + e.getMessage());
      return 1;
    }
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
