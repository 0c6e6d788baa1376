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

/** {@code worker pause}. */
@Command(
    name = "pause",
    description = {
      "Has all the workers of worker.consumer leave the queues alone, wherever they run: batches"
          + " under way are finished, and none is asked for until `worker resume`. Events stay in"
          + " the queue.",
      "Open batches keep PgQ from rotating the queue's tables, and so does a consumer that lags:"
          + " see to it that a pause ends."
    },
    mixinStandardHelpOptions = true,
    versionProvider = Version.class)
final class PauseCommand implements Callable<Integer> {

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
        (paused, queue, consumer) ->
            paused.pause(queue, consumer) ? "paused" : "is paused already");
  }
}
