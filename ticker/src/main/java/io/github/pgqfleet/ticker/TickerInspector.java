package io.github.pgqfleet.ticker;

import io.github.pgqfleet.cli.Checks;
import io.github.pgqfleet.cli.Finding;
import io.github.pgqfleet.cli.PgqChecks;
import io.github.pgqfleet.config.QueueSettings;
import io.github.pgqfleet.sql.Database;
import io.github.pgqfleet.ticker.QueueDrift.Found;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;

/** What the ticker needs of a database, and whether it has it. Thread-safe. */
final class TickerInspector implements Checks.Inspector {

  private static final String SEES_SNAPSHOTS =
      "select pg_has_role('pg_monitor', 'usage') or pg_has_role('pg_read_all_stats', 'usage'),"
          + " quote_ident(current_user)";

  /** Vacuum needs the table's owner; PgQ only asks for it where autovacuum is off. */
  private static final String NOT_TO_BE_VACUUMED =
      """
      select string_agg(func_arg, ', ') from pgq.maint_operations()
       where func_name = 'vacuum'
         and not pg_has_role((select relowner from pg_class
                               where oid = to_regclass(pgq.quote_fqname(func_arg))), 'usage')\
      """;

  private final SortedMap<String, QueueSettings> queues;
  private final boolean vacuums;

  TickerInspector(SortedMap<String, QueueSettings> queues, boolean vacuums) {
    this.queues = queues;
    this.vacuums = vacuums;
  }

  @Override
  public List<Finding> inspect(Connection connection, Database database) throws SQLException {
    var findings = new ArrayList<>(PgqChecks.versions(connection));
    snapshots(connection, findings);
    if (!findings.isEmpty() && !QueueDrift.canBeFound(connection)) {
      queues.keySet().stream().map(TickerInspector::missing).forEach(findings::add);
      return findings;
    }
    var admin = PgqChecks.role(connection, "pgq_admin", "tick");
    findings.addAll(admin);
    QueueDrift.find(connection, queues).stream().map(this::finding).forEach(findings::add);
    if (admin.isEmpty() && vacuums) {
      vacuum(connection, findings);
    }
    return findings;
  }

  private static void snapshots(Connection connection, List<Finding> findings) throws SQLException {
    try (var statement = connection.prepareStatement(SEES_SNAPSHOTS);
        var row = statement.executeQuery()) {
      row.next();
      if (!row.getBoolean(1)) {
        findings.add(
            new Finding(
                "role %s cannot see the snapshots of others' sessions, so that the rotation of event tables waits as long as any of them is in a transaction, and any commit on the server has this database looked at"
                    .formatted(row.getString(2)),
                "grant pg_read_all_stats to " + row.getString(2)));
      }
    }
  }

  private Finding finding(Found found) {
    return switch (found) {
      case Found.Missing(var queue) -> missing(queue);
      case Found.Differs(var queue, var is, var shall) ->
          new Finding(
              "queue %s has %s = %s, configured is %s"
                  .formatted(queue, is.name(), is.value(), shall.value()),
              "run `ticker provision`, or change the configuration");
      case Found.NotTicked(var queue, var external) ->
          external
              ? new Finding(
                  "queue " + queue + " has an external ticker",
                  "unless that is meant: "
                      + "select pgq.set_queue_config('%s', 'external_ticker', 'false')"
                          .formatted(queue))
              : new Finding(
                  "queue " + queue + " is paused",
                  "unless that is meant: select pgq.set_queue_config('%s', 'ticker_paused', 'false')"
                      .formatted(queue));
    };
  }

  private static Finding missing(String queue) {
    return new Finding("queue " + queue + " does not exist", "run `ticker provision`");
  }

  private static void vacuum(Connection connection, List<Finding> findings) throws SQLException {
    try (var statement = connection.prepareStatement(NOT_TO_BE_VACUUMED);
        var row = statement.executeQuery()) {
      if (row.next() && row.getString(1) != null) {
        findings.add(
            new Finding(
                "autovacuum is off, and this role may not vacuum " + row.getString(1),
                "turn autovacuum on, or set ticker.vacuum = false and vacuum them otherwise"));
      }
    }
  }
}
