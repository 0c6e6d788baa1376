package io.github.pgqfleet.worker;

import io.github.pgqfleet.cli.ConfigOption;
import io.github.pgqfleet.cli.Provisioning;
import io.github.pgqfleet.cli.Provisioning.Step;
import io.github.pgqfleet.cli.Version;
import io.github.pgqfleet.pgq.Pgq;
import io.github.pgqfleet.sql.ScriptRevision.State;
import io.github.pgqfleet.sql.Sessions;
import io.github.pgqfleet.sql.SqlScript;
import io.github.pgqfleet.worker.coop.PgqCoop;
import io.github.pgqfleet.worker.failed.FailedEventsSql;
import io.github.pgqfleet.worker.flow.PausedQueues;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code worker provision}. */
@Command(
    name = "provision",
    description =
        "Installs pgq_coop in the destination unless there is one, installs or upgrades the SQL for"
            + " failed events and for `worker pause`, and registers the consumer on each queue."
            + " Changes nothing else that exists; may be run again at any time.",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class)
final class ProvisionCommand implements Callable<Integer> {

  @Mixin private final ConfigOption config = new ConfigOption();

  @Option(names = "--dry-run", description = "Print the SQL, and change nothing.")
  private boolean dryRun;

  @Spec
  @SuppressWarnings("NullAway.Init") // picocli sets it
  private CommandSpec spec;

  @Override
  public Integer call() throws Exception {
    var worker = config.load(WorkerConfig::read);
    var provisioning =
        new Provisioning(
            new Sessions("pgq-fleet worker provision"), spec.commandLine().getOut(), dryRun);
    provisioning.apply(
        List.of(worker.destination()), (connection, database) -> plan(connection, worker));
    return provisioning.summary();
  }

  static List<Step> plan(Connection connection, WorkerConfig worker) throws SQLException {
    var pgq = new Pgq(connection);
    if (!pgq.isInstalled()) {
      throw new SQLException("PgQ is not installed here; run `ticker provision` first");
    }
    var steps = new ArrayList<Step>();
    if (new PgqCoop(connection).version().isEmpty()) {
      steps.add(
          new Step("install pgq_coop", SqlScript.load(ProvisionCommand.class, "pgq_coop.sql")));
    }
    script(FailedEventsSql.state(connection), "the SQL for failed events", FailedEventsSql.script())
        .ifPresent(steps::add);
    script(
            new PausedQueues(connection).state(),
            "pgq_fleet.paused_queue",
            SqlScript.load(ProvisionCommand.class, "flow.sql"))
        .ifPresent(steps::add);
    var queues = pgq.queues();
    for (var queue : worker.queues().keySet()) {
      if (!queues.contains(queue)) {
        throw new SQLException(
            "queue " + queue + " does not exist here; run `ticker provision` first");
      }
      if (pgq.subscription(queue, worker.consumer()).isEmpty()) {
        steps.add(
            new Step(
                "register consumer " + worker.consumer() + " on queue " + queue,
                registration(connection, queue, worker.consumer())));
      }
    }
    return steps;
  }

  private static Optional<Step> script(State state, String what, String sql) throws SQLException {
    return switch (state) {
      case MISSING -> Optional.of(new Step("install " + what, sql));
      case OLD -> Optional.of(new Step("upgrade " + what, sql));
      case FORBIDDEN ->
          throw new SQLException(
              "this user may not use schema pgq_fleet; provision as its owner, or as a superuser");
      case READY -> Optional.empty();
    };
  }

  private static String registration(Connection connection, String queue, String consumer)
      throws SQLException {
    try (var statement =
        connection.prepareStatement(
            "select format('select pgq.register_consumer(%L, %L)', ?::text, ?::text)")) {
      statement.setString(1, queue);
      statement.setString(2, consumer);
      try (var row = statement.executeQuery()) {
        row.next();
        return row.getString(1);
      }
    }
  }
}
