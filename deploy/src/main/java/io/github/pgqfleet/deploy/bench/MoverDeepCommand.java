package io.github.pgqfleet.deploy.bench;

import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code bench mover-deep}; its options are taught by {@code deploy/bench mover-deep --help}. */
@Command(
    name = "mover-deep",
    mixinStandardHelpOptions = true,
    description = "One deep queue; see also: deploy/bench mover-deep --help")
final class MoverDeepCommand implements Callable<Integer> {

  @Option(names = "--batches", defaultValue = "100", paramLabel = "N")
  private int batches;

  @Option(names = "--batch-events", defaultValue = "10000", paramLabel = "N")
  private int batchEvents;

  @Option(names = "--event-bytes", defaultValue = "200", paramLabel = "N")
  private int eventBytes;

  @Option(names = "--warm-up", defaultValue = "20", paramLabel = "N")
  private int warmUp;

  @Option(names = "--settle", defaultValue = "3", paramLabel = "S")
  private int settle;

  @Option(names = "--runs", defaultValue = "5", paramLabel = "N")
  private int runs;

  @Option(names = "--coalesce", split = ",", defaultValue = "default,off", paramLabel = "HOW")
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
              1,
              1,
              new Backlog.Size(warmUp + batches, warmUp, batchEvents, eventBytes),
              1,
              1,
              Duration.ofSeconds(settle),
              Duration.ofSeconds(1),
              runs,
              EnumSet.of(MoverOptions.Part.BACKLOG),
              false,
              coalesce,
              mover.jvmOptions(),
              mover.settings());
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
    }
    return Bench.run(
        new MoverBench(
                "mover-deep",
                List.of(Testbed.LOADED),
                options,
                new Narrator(System.err),
                System.out)
            ::run);
  }
}
