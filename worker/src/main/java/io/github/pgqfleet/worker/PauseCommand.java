package io.github.pgqfleet.worker;

import io.github.pgqfleet.cli.Version;
import io.github.pgqfleet.worker.flow.PausedQueues;
import java.sql.SQLException;
import picocli.CommandLine.Command;

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
final class PauseCommand extends FlowChange {

  @Override
  String change(PausedQueues paused, String queue, String consumer) throws SQLException {
    return paused.pause(queue, consumer) ? "paused" : "is paused already";
  }
}
