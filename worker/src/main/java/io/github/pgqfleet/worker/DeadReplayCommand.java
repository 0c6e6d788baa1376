package io.github.pgqfleet.worker;

import io.github.pgqfleet.cli.Version;
import io.github.pgqfleet.worker.failed.DeadLetters;
import java.sql.SQLException;
import java.util.List;
import picocli.CommandLine.Command;

/** {@code worker dead replay}. */
@Command(
    name = "replay",
    description = {
      "Hands events back to the consumer that could not handle them, and to no other consumer of the"
          + " queue, with all their attempts before them.",
      "They come when the ticker has put them back, after ticker.retry-period at most, and a tick."
    },
    sortOptions = false,
    mixinStandardHelpOptions = true,
    versionProvider = Version.class)
final class DeadReplayCommand extends DeadChange {

  @Override
  long change(DeadLetters letters, List<Long> ids) throws SQLException {
    return letters.replay(ids);
  }

  @Override
  String done() {
    return "replayed";
  }

  @Override
  String whyLeft() {
    return "their queue or consumer is not there any more, or an event of the same id waits in the"
        + " retry queue; for the latter, replay again later";
  }
}
