package io.github.pgqfleet.worker;

import io.github.pgqfleet.cli.Checks;
import io.github.pgqfleet.cli.ConfigOption;
import io.github.pgqfleet.cli.Finding;
import io.github.pgqfleet.cli.Version;
import io.github.pgqfleet.pgq.Pgq;
import io.github.pgqfleet.sql.ScriptRevision.State;
import io.github.pgqfleet.sql.Sessions;
import io.github.pgqfleet.worker.batch.SqlFunctionWork;
import io.github.pgqfleet.worker.coop.PgqCoop;
import io.github.pgqfleet.worker.failed.FailedEventsSql;
import io.github.pgqfleet.worker.flow.PausedQueues;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code worker check}. */
@Command(
    name = "check",
    description =
        "Looks whether all that `run` needs is there: configuration, handlers, destination, PgQ,"
            + " pgq_coop, the SQL for failed events, queues, consumers, functions, privileges."
            + " Changes nothing.",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class)
final class CheckCommand implements Callable<Integer> {

  private static final String PROVISION = "run `worker provision`";

  @Mixin private final ConfigOption config = new ConfigOption();

  @Spec
  @SuppressWarnings("NullAway.Init") // picocli sets it
  private CommandSpec spec;

  @Override
  public Integer call() throws Exception {
    var worker = config.load(WorkerConfig::read);
    try (var catalog = HandlerCatalog.load(worker.handlersDirectory())) {
      // Unknown handlers and refused settings are mistakes of the configuration.
      for (var queue : worker.queues().values()) {
        catalog.handler(queue, worker.fetchSize()).close();
      }
    }
    var checks = new Checks(new Sessions("pgq-fleet worker check"), spec.commandLine().getOut());
    checks.inspect(
        List.of(worker.destination()), (connection, database) -> inspect(connection, worker));
    return checks.summary(1);
  }

  static List<Finding> inspect(Connection connection, WorkerConfig worker) throws SQLException {
    var pgq = new Pgq(connection);
    if (!pgq.isInstalled()) {
      return List.of(new Finding("PgQ is not installed", "run `ticker provision`"));
    }
    var findings = new ArrayList<Finding>();
    if (new PgqCoop(connection).version().isEmpty()) {
      findings.add(new Finding("pgq_coop is not installed", PROVISION));
    } else if (!mayCall(connection, "pgq_coop.next_batch(text,text,text,interval)")) {
      findings.add(
          new Finding(
              "this user may not call pgq_coop.next_batch",
              "grant it pgq_reader, or the functions of schema pgq_coop"));
    }
    var failedEvents = FailedEventsSql.state(connection);
    script(failedEvents, "the SQL for failed events", "put failed events aside", findings);
    if (failedEvents == State.READY && !mayCall(connection, FailedEventsSql.FAIL_EVENTS)) {
      findings.add(new Finding("this user may not put failed events aside", "grant it pgq_reader"));
    }
    if (!mayCall(connection, "pgq.batch_event_sql(bigint)")) {
      findings.add(new Finding("this user may not consume", "grant it pgq_reader"));
    }
    script(
        new PausedQueues(connection).state(),
        "pgq_fleet.paused_queue",
        "see which queues are paused",
        findings);
    var queues = pgq.queues();
    for (var queue : worker.queues().values()) {
      if (!queues.contains(queue.name())) {
        findings.add(
            new Finding("queue " + queue.name() + " does not exist", "run `ticker provision`"));
      } else if (pgq.subscription(queue.name(), worker.consumer()).isEmpty()) {
        findings.add(
            new Finding(
                "consumer %s is not registered on queue %s"
                    .formatted(worker.consumer(), queue.name()),
                PROVISION));
      }
      if (queue.handler() instanceof HandlerSpec.SqlFunction(var function)) {
        function(connection, queue.name(), function, findings);
      }
      OutsideChecks.look(queue.name(), queue.handler()).ifPresent(findings::add);
    }
    return findings;
  }

  private static void script(State state, String what, String use, List<Finding> findings) {
    switch (state) {
      case MISSING -> findings.add(new Finding(what + " is not installed", PROVISION));
      case OLD -> findings.add(new Finding(what + " is of an older release", PROVISION));
      case FORBIDDEN ->
          findings.add(new Finding("this user may not " + use, "grant it pgq_reader"));
      case READY -> {}
    }
  }

  private static void function(
      Connection connection, String queue, String function, List<Finding> findings)
      throws SQLException {
    var name = SqlFunctionWork.resolve(connection, function);
    if (name.isEmpty()) {
      findings.add(
          new Finding(
              "queue %s: there is no function %s%s that is not STRICT"
                  .formatted(queue, function, SqlFunctionWork.SIGNATURE),
              "create it, or correct worker.queues." + queue + ".handler.function"));
    } else if (!mayCall(connection, name.get() + SqlFunctionWork.SIGNATURE)) {
      findings.add(
          new Finding(
              "queue %s: this user may not call %s".formatted(queue, name.get()),
              "grant it execute on the function, and usage on its schema"));
    }
  }

  private static boolean mayCall(Connection connection, String function) throws SQLException {
    try (var statement =
        connection.prepareStatement(
            "select coalesce(has_function_privilege(to_regprocedure(?)::oid, 'execute'), false)")) {
      statement.setString(1, function);
      try (var row = statement.executeQuery()) {
        row.next();
        return row.getBoolean(1);
      }
    }
  }
}
