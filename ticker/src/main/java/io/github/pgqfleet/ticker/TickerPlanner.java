package io.github.pgqfleet.ticker;

import io.github.pgqfleet.cli.Provisioning;
import io.github.pgqfleet.cli.Provisioning.Step;
import io.github.pgqfleet.config.QueueSettings;
import io.github.pgqfleet.pgq.Pgq;
import io.github.pgqfleet.sql.Database;
import io.github.pgqfleet.sql.Quoting;
import io.github.pgqfleet.ticker.QueueDrift.Found;
import io.github.pgqfleet.ticker.QueueDrift.Setting;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;

/** Finds out what a database lacks for ticking, and the SQL that creates it. Thread-safe. */
final class TickerPlanner implements Provisioning.Planner {

  private static final Step EXTENSION =
      new Step(
          "create extension pgq",
          "create extension pgq;",
          "create extension pgq;",
          "where no extension may be created, --pgq-sql FILE installs PgQ without");

  private final SortedMap<String, QueueSettings> queues;
  private final Step install;

  /**
   * @param script PgQ's plain SQL, to install it without the extension
   */
  TickerPlanner(SortedMap<String, QueueSettings> queues, Optional<PgqSqlFile> script) {
    this.queues = queues;
    this.install = script.map(PgqSqlFile::step).orElse(EXTENSION);
  }

  @Override
  public List<Step> plan(Connection connection, Database database) throws SQLException {
    var steps = new ArrayList<Step>();
    if (!new Pgq(connection).isInstalled()) {
      steps.add(install);
      for (var queue : queues.keySet()) {
        steps.add(create(connection, queue));
      }
      return steps;
    }
    for (var found : QueueDrift.find(connection, queues)) {
      switch (found) {
        case Found.Missing(var queue) -> steps.add(create(connection, queue));
        case Found.Differs(var queue, var is, var shall) ->
            steps.add(
                new Step(
                    "set %s of queue %s from %s to %s"
                        .formatted(shall.name(), queue, is.value(), shall.value()),
                    set(connection, queue, shall)));
        // Somebody's decision, which is not ours to take back.
        case Found.NotTicked notTicked -> {}
      }
    }
    return steps;
  }

  private Step create(Connection connection, String queue) throws SQLException {
    var sql = new StringBuilder();
    sql.append("select pgq.create_queue(").append(Quoting.literal(connection, queue)).append(");");
    var settings = queues.get(queue);
    if (settings != null) {
      for (var setting : QueueDrift.settings(settings)) {
        sql.append('\n').append(set(connection, queue, setting));
      }
    }
    return new Step("create queue " + queue, sql.toString());
  }

  private static String set(Connection connection, String queue, Setting setting)
      throws SQLException {
    return "select pgq.set_queue_config(%s, %s, %s);"
        .formatted(
            Quoting.literal(connection, queue),
            Quoting.literal(connection, setting.name()),
            Quoting.literal(connection, setting.value()));
  }
}
