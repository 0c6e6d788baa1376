package io.github.pgqfleet.worker;

import io.github.pgqfleet.cli.Version;
import io.github.pgqfleet.worker.failed.DeadLetters;
import java.sql.SQLException;
import java.util.List;
import picocli.CommandLine.Command;

/** {@code worker dead drop}. */
@Command(
    name = "drop",
    description = "Deletes dead letters, and with them their events, for good.",
    sortOptions = false,
    mixinStandardHelpOptions = true,
    versionProvider = Version.class)
final class DeadDropCommand extends DeadChange {

  @Override
  long change(DeadLetters letters, List<Long> ids) throws SQLException {
    return letters.drop(ids);
  }

  @Override
  String done() {
    return "dropped";
  }

  @Override
  String whyLeft() {
    return "somebody else has dropped or replayed them meanwhile";
  }
}
