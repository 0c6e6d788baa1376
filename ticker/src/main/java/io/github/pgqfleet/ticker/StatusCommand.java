package io.github.pgqfleet.ticker;

import io.github.pgqfleet.cli.ConfigOption;
import io.github.pgqfleet.cli.StatusOptions;
import io.github.pgqfleet.fleet.Discovery;
import io.github.pgqfleet.fleet.Sweep;
import io.github.pgqfleet.fleet.Sweep.Outcome;
import io.github.pgqfleet.sql.Database;
import io.github.pgqfleet.sql.Sessions;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code ticker status}: who ticks what, and how old the ticks are. */
@Command(
    name = "status",
    mixinStandardHelpOptions = true,
    description = {
      "Shows of each database who ticks it, the age of its oldest tick, and its pending events, the"
          + " worst first. Asks the databases themselves, so it works from any host.",
      "",
      "Exit code 1 when a database cannot be asked.",
      ""
    })
final class StatusCommand implements Callable<Integer> {

  @Mixin
  @SuppressWarnings("NullAway.Init") // picocli sets it
  private ConfigOption configOption;

  @Mixin
  @SuppressWarnings("NullAway.Init") // picocli sets it
  private StatusOptions options;

  @Override
  public Integer call() throws Exception {
    var config = configOption.load(TickerConfig::read);
    var sessions = ApplicationName.command();
    return options.show(
        () -> read(config, sessions),
        StatusTable::print,
        all -> all.stream().allMatch(status -> status.problem() == null));
  }

  private static List<DatabaseStatus> read(TickerConfig config, Sessions sessions)
      throws InterruptedException {
    var fleet = config.fleet();
    var all = new ArrayList<DatabaseStatus>();
    var databases = new ArrayList<Database>();
    databases.add(fleet.destination());
    for (var server : fleet.servers()) {
      try {
        databases.addAll(Discovery.find(server, sessions));
      } catch (SQLException e) {
        all.add(DatabaseStatus.unknown(server.name() + "/*", FailureLog.oneLine(e)));
      }
    }
    Sweep.Task<DatabaseStatus> task =
        database -> {
          try (var connection = sessions.open(database)) {
            return DatabaseStatus.read(connection, database, config);
          }
        };
    Sweep.run(databases, task, () -> {})
        .forEach(
            (database, outcome) ->
                all.add(
                    switch (outcome) {
                      case Outcome.Done<DatabaseStatus>(var status) -> status;
                      case Outcome.Failed<DatabaseStatus>(var reason) ->
                          DatabaseStatus.unknown(database.id(), FailureLog.oneLine(reason));
                    }));
    all.sort(DatabaseStatus.WORST_FIRST);
    return all;
  }
}
