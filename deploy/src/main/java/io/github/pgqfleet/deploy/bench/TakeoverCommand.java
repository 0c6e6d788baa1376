package io.github.pgqfleet.deploy.bench;

import io.github.pgqfleet.deploy.bench.TakeoverOptions.Part;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code bench takeover}; its options are taught by {@code deploy/bench takeover --help}. */
@Command(
    name = "takeover",
    mixinStandardHelpOptions = true,
    description = "After deaths and outages; see also: deploy/bench takeover --help")
final class TakeoverCommand implements Callable<Integer> {

  @Option(names = "--parts", split = ",", defaultValue = "mover,worker,server", paramLabel = "PART")
  @SuppressWarnings("NullAway.Init") // picocli sets it
  private Set<Part> parts;

  @Option(names = "--databases", defaultValue = "32", paramLabel = "N")
  private int databases;

  @Option(names = "--clusters", defaultValue = "1", paramLabel = "N")
  private int clusters;

  // This and the dead interval as in reference.conf.
  @Option(names = "--heartbeat", defaultValue = "2s", converter = InUnits.class)
  @SuppressWarnings("NullAway.Init") // picocli sets it
  private Duration heartbeat;

  @Option(names = "--workers", defaultValue = "4", paramLabel = "N")
  private int workers;

  @Option(names = "--dead-interval", defaultValue = "60s", converter = InUnits.class)
  @SuppressWarnings("NullAway.Init") // picocli sets it
  private Duration deadInterval;

  @Option(names = "--hold", defaultValue = "2s", converter = InUnits.class)
  @SuppressWarnings("NullAway.Init") // picocli sets it
  private Duration hold;

  @Option(names = "--period", defaultValue = "1s", converter = InUnits.class)
  @SuppressWarnings("NullAway.Init") // picocli sets it
  private Duration period;

  @Option(names = "--outage", defaultValue = "20s", converter = InUnits.class)
  @SuppressWarnings("NullAway.Init") // picocli sets it
  private Duration outage;

  @Option(names = "--settle", defaultValue = "8", paramLabel = "S")
  private int settle;

  @Option(names = "--runs", defaultValue = "5", paramLabel = "N")
  private int runs;

  @Mixin private final ChainProcesses processes = new ChainProcesses();

  @Spec
  @SuppressWarnings("NullAway.Init") // picocli sets it
  private CommandSpec spec;

  @Override
  public Integer call() throws Exception {
    TakeoverOptions options;
    try {
      options =
          new TakeoverOptions(
              EnumSet.copyOf(parts),
              databases,
              clusters,
              heartbeat,
              workers,
              deadInterval,
              hold,
              period,
              outage,
              Duration.ofSeconds(settle),
              runs,
              processes.tickerJvm(),
              processes.mover(),
              processes.worker());
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
    }
    return Bench.run(new TakeoverBench(options, new Narrator(System.err), System.out)::run);
  }
}
