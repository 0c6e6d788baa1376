package io.github.pgqfleet.deploy.bench;

import io.github.pgqfleet.deploy.bench.MoverOptions.Part;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code bench mover-wide}; its options are taught by {@code deploy/bench mover-wide --help}. */
@Command(
    name = "mover-wide",
    mixinStandardHelpOptions = true,
    description = "Many queues, small batches; see also: deploy/bench mover-wide --help")
final class MoverWideCommand implements Callable<Integer> {

  @Option(names = "--databases", defaultValue = "256", paramLabel = "N")
  private int databases;

  @Option(names = "--clusters", defaultValue = "1", paramLabel = "N")
  private int clusters;

  @Option(names = "--batches", defaultValue = "20", paramLabel = "N")
  private int batches;

  @Option(names = "--batch-events", defaultValue = "10", paramLabel = "N")
  private int batchEvents;

  @Option(names = "--event-bytes", defaultValue = "200", paramLabel = "N")
  private int eventBytes;

  @Option(names = "--warm-up", defaultValue = "2", paramLabel = "N")
  private int warmUp;

  @Option(names = "--peer-processes", defaultValue = "16", paramLabel = "N")
  private int peerProcesses;

  @Option(names = "--steady-databases", defaultValue = "32", paramLabel = "N")
  private int steadyDatabases;

  @Option(names = "--settle", defaultValue = "10", paramLabel = "S")
  private int settle;

  @Option(names = "--seconds", defaultValue = "20", paramLabel = "S")
  private int seconds;

  @Option(names = "--runs", defaultValue = "5", paramLabel = "N")
  private int runs;

  @Option(names = "--parts", split = ",", defaultValue = "backlog,steady", paramLabel = "PART")
  @SuppressWarnings("NullAway.Init") // picocli sets it
  private Set<Part> parts;

  @Option(names = "--statements")
  private boolean statements;

  @Option(names = "--coalesce", split = ",", defaultValue = "default", paramLabel = "HOW")
  @SuppressWarnings("NullAway.Init") // picocli sets it
  private List<MoverOptions.Coalesce> coalesce;

  @Mixin private final MoverProcess mover = new MoverProcess();

  @Spec
  @SuppressWarnings("NullAway.Init") // picocli sets it
  private CommandSpec spec;

  @Override
  public Integer call() throws Exception {
    MoverOptions options;
    try {
      options =
          new MoverOptions(
              databases,
              clusters,
              new Backlog.Size(warmUp + batches, warmUp, batchEvents, eventBytes),
              peerProcesses,
              Math.min(steadyDatabases, databases),
              Duration.ofSeconds(settle),
              Duration.ofSeconds(seconds),
              runs,
              EnumSet.copyOf(parts),
              statements,
              coalesce,
              mover.jvmOptions(),
              mover.settings());
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
    }
    return Bench.run(
        new MoverBench("mover-wide", Testbed.QUEUES, options, new Narrator(System.err), System.out)
            ::run);
  }
}
