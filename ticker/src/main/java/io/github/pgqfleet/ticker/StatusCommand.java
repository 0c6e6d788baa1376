package io.github.pgqfleet.ticker;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.pgqfleet.cli.ConfigOption;
import io.github.pgqfleet.fleet.Discovery;
import io.github.pgqfleet.fleet.Sweep;
import io.github.pgqfleet.fleet.Sweep.Outcome;
import io.github.pgqfleet.sql.Database;
import io.github.pgqfleet.sql.Sessions;
import java.io.IOException;
import java.io.PrintWriter;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

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

  private static final Duration WATCH_PERIOD = Duration.ofSeconds(2);
  private static final String CLEAR_SCREEN = "\033[H\033[2J";

  @Mixin
  @SuppressWarnings("NullAway.Init") // picocli sets it
  private ConfigOption configOption;

  @Option(names = "--json", description = "Print a JSON array, one object a database.")
  private boolean json;

  @Option(names = "--watch", description = "Show it again every 2 s, until Ctrl-C.")
  private boolean watch;

  @Spec
  @SuppressWarnings("NullAway.Init") // picocli sets it
  private CommandSpec spec;

  @Override
  public Integer call() throws IOException, InterruptedException {
    var config = configOption.load(TickerConfig::read);
    var sessions = ApplicationName.command();
    while (true) {
      var all = read(config, sessions);
      var out = spec.commandLine().getOut();
      if (watch && isTerminal()) {
        out.print(CLEAR_SCREEN);
      }
      print(all, out);
      if (!watch) {
        return all.stream().allMatch(s -> s.problem() == null) ? 0 : 1;
      }
      TimeUnit.NANOSECONDS.sleep(WATCH_PERIOD.toNanos());
    }
  }

  private void print(List<DatabaseStatus> all, PrintWriter out) throws IOException {
    if (json) {
      out.println(new ObjectMapper().writeValueAsString(all));
    } else {
      StatusTable.print(all, out);
    }
    out.flush();
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

  @SuppressWarnings("SystemConsoleNull") // it is null where there is no terminal
  private static boolean isTerminal() {
    return System.console() != null && System.console().isTerminal();
  }
}
