package io.github.pgqfleet.deploy.bench;

import io.github.pgqfleet.deploy.bench.WorkerOptions.Part;
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

/** {@code bench worker}; its options are taught by {@code deploy/bench worker --help}. */
@Command(
    name = "worker",
    mixinStandardHelpOptions = true,
    description = "Our workers against Skytools'; see also: deploy/bench worker --help")
final class WorkerCommand implements Callable<Integer> {

  @Option(names = "--workers", split = ",", defaultValue = "1,2,4,8", paramLabel = "N")
  @SuppressWarnings("NullAway.Init") // picocli sets it
  private List<Integer> workers;

  @Option(
      names = "--handlers",
      split = ",",
      defaultValue = "sql,event,send,batch",
      paramLabel = "HOW")
  @SuppressWarnings("NullAway.Init") // picocli sets it
  private List<Handling> handlers;

  @Option(names = "--batches", defaultValue = "10", paramLabel = "N")
  private int batches;

  @Option(names = "--batch-events", defaultValue = "5000", paramLabel = "N")
  private int batchEvents;

  @Option(names = "--event-bytes", defaultValue = "200", paramLabel = "N")
  private int eventBytes;

  @Option(names = "--warm-up", defaultValue = "10", paramLabel = "N")
  private int warmUp;

  @Option(names = "--waiting", split = ",", defaultValue = "1,16,256", paramLabel = "N")
  @SuppressWarnings("NullAway.Init") // picocli sets it
  private List<Integer> waiting;

  @Option(names = "--wait", defaultValue = "250ms", converter = InUnits.class)
  @SuppressWarnings("NullAway.Init") // picocli sets it
  private Duration pause;

  @Option(names = "--wait-batches", defaultValue = "10", paramLabel = "N")
  private int waitBatches;

  @Option(names = "--wait-batch-events", defaultValue = "20", paramLabel = "N")
  private int waitBatchEvents;

  @Option(names = "--settle", defaultValue = "3", paramLabel = "S")
  private int settle;

  @Option(names = "--runs", defaultValue = "5", paramLabel = "N")
  private int runs;

  @Option(names = "--parts", split = ",", defaultValue = "insert,wait", paramLabel = "PART")
  @SuppressWarnings("NullAway.Init") // picocli sets it
  private Set<Part> parts;

  @Option(
      names = "--jvm-options",
      split = " ",
      // As in deploy/systemd.
      defaultValue = "-Xmx256m -XX:+UseSerialGC")
  @SuppressWarnings("NullAway.Init") // picocli sets it
  private List<String> jvmOptions;

  @Option(names = "--settings", defaultValue = "", paramLabel = "TEXT")
  @SuppressWarnings("NullAway.Init") // picocli sets it
  private String settings;

  @Spec
  @SuppressWarnings("NullAway.Init") // picocli sets it
  private CommandSpec spec;

  @Override
  public Integer call() throws Exception {
    WorkerOptions options;
    try {
      options =
          new WorkerOptions(
              EnumSet.copyOf(parts),
              workers,
              handlers,
              new Backlog.Size(warmUp + batches, warmUp, batchEvents, eventBytes),
              waiting,
              pause,
              new Backlog.Size(1 + waitBatches, 1, waitBatchEvents, eventBytes),
              Duration.ofSeconds(settle),
              runs,
              new JarOptions(jvmOptions, settings));
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
    }
    return Bench.run(new WorkerBench(options, new Narrator(System.err), System.out)::run);
  }
}
