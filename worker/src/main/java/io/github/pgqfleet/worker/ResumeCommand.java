package io.github.pgqfleet.worker;

import io.github.pgqfleet.cli.ConfigOption;
import io.github.pgqfleet.cli.Version;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code worker resume}. */
@Command(
    name = "resume",
    description = {
      "Lets the workers of worker.consumer go on with queues that `worker pause` has paused."
    },
    mixinStandardHelpOptions = true,
    versionProvider = Version.class)
final class ResumeCommand implements Callable<Integer> {

  @Mixin private final ConfigOption config = new ConfigOption();

  @Parameters(paramLabel = "QUEUE", arity = "1..*", description = "Queues of worker.queues.")
  private List<String> queues = List.of();

  @Spec
  @SuppressWarnings("NullAway.Init") // picocli sets it
  private CommandSpec spec;

  @Override
  public Integer call() throws Exception {
    return FlowChange.apply(
        config.load(WorkerConfig::read),
        queues,
        spec.commandLine(),
        (paused, queue, consumer) -> paused.resume(queue, consumer) ? "resumed" : "is not paused");
  }
}
