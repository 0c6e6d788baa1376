package io.github.pgqfleet.worker;

import io.github.pgqfleet.cli.Version;
import io.github.pgqfleet.worker.flow.PausedQueues;
import java.sql.SQLException;
import picocli.CommandLine.Command;

/** {@code worker resume}. */
@Command(
    name = "resume",
    description = {
      "Lets the workers of worker.consumer go on with queues that `worker pause` has paused."
    },
    mixinStandardHelpOptions = true,
    versionProvider = Version.class)
final class ResumeCommand extends FlowChange {

  @Override
  String change(PausedQueues paused, String queue, String consumer) throws SQLException {
    return paused.resume(queue, consumer) ? "resumed" : "is not paused";
  }
}
