package io.github.pgqfleet.ticker;

import io.github.pgqfleet.cli.Checks;
import io.github.pgqfleet.cli.Finding;
import io.github.pgqfleet.config.QueueSettings;
import io.github.pgqfleet.pgq.Pgq;
import io.github.pgqfleet.sql.Database;
import io.github.pgqfleet.ticker.QueueDrift.Found;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;

/** What the ticker needs of a database, and whether it has it. Thread-safe. */
final class TickerInspector implements Checks.Inspector {

  private static final int OLDEST_SERVER = 120_000;

  private static final String SERVER =
      "select current_setting('server_version_num')::int, current_setting('server_version'),"
          + " exists (select from pg_available_extensions where name = 'pgq')";

  private static final String ROLES =
      """
      select current_user,
             coalesce((select pg_has_role(oid, 'usage') from pg_roles
                        where rolname = 'pgq_admin'), false),
             pg_has_role('pg_monitor', 'usage') or pg_has_role('pg_read_all_stats', 'usage')\
      """;

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
    var findings = new ArrayList<Finding>();
    var packaged = server(connection, findings);
    var version = new Pgq(connection).version();
    var usable = version.isPresent() && PgqVersion.problem(version.get()).isEmpty();
    if (version.isEmpty()) {
      findings.add(
          new Finding(
              "extension pgq is not installed",
              packaged
                  ? "run `ticker provision` as a superuser, or: create extension pgq"
                  : "install PgQ's package on the server (Debian: postgresql-NN-pgq3), then run"
                      + " `ticker provision` as a superuser"));
      queues.keySet().forEach(q -> findings.add(missing(q)));
    } else if (!usable) {
      findings.add(
          new Finding(
              "PgQ is version " + version.get() + ", older than " + PgqVersion.OLDEST,
              "upgrade its package on the server, then: alter extension pgq update"));
    }
    var isAdmin = roles(connection, version.isPresent(), findings);
    if (usable) {
      QueueDrift.find(connection, queues).stream().map(this::finding).forEach(findings::add);
      if (isAdmin && vacuums) {
        vacuum(connection, findings);
      }
    }
    return findings;
  }

  /** Whether the server's package of PgQ is there. */
  private static boolean server(Connection connection, List<Finding> findings) throws SQLException {
    try (var statement = connection.prepareStatement(SERVER);
        var row = statement.executeQuery()) {
      row.next();
      if (row.getInt(1) < OLDEST_SERVER) {
        findings.add(
            new Finding(
                "PostgreSQL is version " + row.getString(2) + ", older than 12",
                "upgrade the server"));
      }
      return row.getBoolean(3);
    }
  }

  /** Whether the role may tick. */
  private static boolean roles(Connection connection, boolean hasPgq, List<Finding> findings)
      throws SQLException {
    try (var statement = connection.prepareStatement(ROLES);
        var row = statement.executeQuery()) {
      row.next();
      var role = row.getString(1);
      if (hasPgq && !row.getBoolean(2)) {
        findings.add(
            new Finding(
                "role " + role + " may not tick", "as a superuser: grant pgq_admin to " + role));
      }
      if (!row.getBoolean(3)) {
        findings.add(
            new Finding(
                "role "
                    + role
                    + " cannot see other sessions' snapshots, so that table rotation"
                    + " waits whenever any is busy",
                "as a superuser: grant pg_read_all_stats to " + role));
      }
      return row.getBoolean(2);
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
