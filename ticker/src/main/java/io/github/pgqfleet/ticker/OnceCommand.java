package io.github.pgqfleet.ticker;

import io.github.pgqfleet.cli.ConfigOption;
import io.github.pgqfleet.cli.Progress;
import io.github.pgqfleet.fleet.Discovery;
import io.github.pgqfleet.fleet.Sweep;
import io.github.pgqfleet.fleet.Sweep.Outcome;
import io.github.pgqfleet.lifecycle.Health;
import io.github.pgqfleet.metrics.FleetMetrics;
import io.github.pgqfleet.sql.Database;
import io.github.pgqfleet.sql.Sessions;
import io.github.pgqfleet.sql.SqlStates;
import io.github.pgqfleet.ticker.page.Surveys;
import java.sql.SQLException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code ticker once}: everything once, for those who tick seldom. */
@Command(
    name = "once",
    mixinStandardHelpOptions = true,
    description = {
      "Does all maintenance and makes all ticks that are due, once, and ends. A database that a"
          + " running ticker leads is left to it.",
      "",
      "Exit code 1 names each database or queue that failed.",
      ""
    })
final class OnceCommand implements Callable<Integer> {

  @Mixin
  @SuppressWarnings("NullAway.Init") // picocli sets it
  private ConfigOption configOption;

  @Spec
  @SuppressWarnings("NullAway.Init") // picocli sets it
  private CommandSpec spec;

  /** What was done in one database. */
  private enum Done {
    TICKED,
    LED_BY_ANOTHER
  }

  @Override
  public Integer call() throws Exception {
    var config = configOption.load(TickerConfig::read);
    var health = new Health(InstantSource.system());
    var metrics = new TickerMetrics(new FleetMetrics());
    var sessions = ApplicationName.ticking();
    var failures = new FailureLog(health, metrics);
    var ticking =
        new Ticking(
            config,
            sessions,
            ApplicationName.maintaining(),
            Map.of(),
            new ServerGates(),
            failures,
            new Alarms(config.limits(), health),
            metrics,
            new Surveys(config.page(), InstantSource.system()),
            new Nothing());

    var problems = new TreeMap<String, String>();
    var databases = databases(config, sessions, problems);
    var ledByAnother = 0;
    try (var progress = new Progress("once", databases.size())) {
      var outcomes = Sweep.run(databases, d -> once(ticking, d), progress::step);
      for (var entry : outcomes.entrySet()) {
        switch (entry.getValue()) {
          case Outcome.Done<Done>(var done) -> ledByAnother += done == Done.TICKED ? 0 : 1;
          case Outcome.Failed<Done>(var reason) ->
              problems.put(entry.getKey().id(), FailureLog.oneLine(reason));
        }
      }
    }
    health.problems().forEach((part, problem) -> problems.put(part, problem.what()));
    report(databases.size(), ledByAnother, metrics.ticks(), problems);
    return problems.isEmpty() ? 0 : 1;
  }

  private void report(int databases, int ledByAnother, long ticks, Map<String, String> problems) {
    var out = spec.commandLine().getOut();
    problems.forEach((part, what) -> out.println(what.contains(part) ? what : part + ": " + what));
    out.println(
        "once: databases=%d led_by_another=%d ticks=%d failed=%d"
            .formatted(databases, ledByAnother, ticks, problems.size()));
    out.flush();
  }

  private static List<Database> databases(
      TickerConfig config, Sessions sessions, Map<String, String> problems) {
    var databases = new ArrayList<Database>();
    databases.add(config.fleet().destination());
    for (var server : config.fleet().servers()) {
      try {
        databases.addAll(Discovery.find(server, sessions));
      } catch (SQLException e) {
        problems.put("server " + server.name(), FailureLog.oneLine(e));
      }
    }
    return databases;
  }

  private static Done once(Ticking ticking, Database database) throws Exception {
    var suspects = new SuspectQueues(database, ticking.failures(), System::nanoTime);
    Optional<Chores> chores;
    // Each statement counts, in hundreds of new sessions.
    try (var session = ticking.openUnchecked(database, suspects)) {
      try {
        chores = session.leadOnce(ticking.config().vacuum());
        if (chores.isEmpty()) {
          return Done.LED_BY_ANOTHER;
        }
        tick(ticking, session, chores.get());
      } catch (SQLException e) {
        if (!SqlStates.isConnectionLost(e)) {
          session.requirePgq();
        }
        throw e;
      }
    }
    // It leads no more: maintenance may take long, and a standby takes a silent leader for frozen.
    if (chores.get().maintenance()) {
      DatabaseMaintenance.operations(ticking, database, new Foreground());
    }
    return Done.TICKED;
  }

  private static void tick(Ticking ticking, TickingSession session, Chores chores)
      throws SQLException {
    if (chores.retries()) {
      ticking.metrics().retried(session.emptyRetryQueue(new Foreground()));
    }
    ticking.metrics().looked(session.tickOnce(), Duration.ZERO);
  }

  /** Here maintenance is not beside the ticks. */
  private static final class Nothing implements Ticking.MaintenanceStarter {
    @Override
    public void maintain(DatabaseState state) {}

    @Override
    public void retry(DatabaseState state) {}
  }
}
