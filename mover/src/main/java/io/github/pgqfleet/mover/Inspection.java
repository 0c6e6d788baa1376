package io.github.pgqfleet.mover;

import io.github.pgqfleet.cli.Finding;
import io.github.pgqfleet.cli.PgqChecks;
import io.github.pgqfleet.pgq.Pgq;
import io.github.pgqfleet.sql.Database;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** What the mover needs of its databases. Changes nothing. */
final class Inspection {

  private static final String MISSING_TABLES =
      """
      select name
        from unnest(array['pgq_fleet.position', 'pgq_fleet.mover', 'pgq_fleet.drain'])
             with ordinality t(name, n)
       where to_regclass(name) is null
       order by n""";

  private final MoverConfig config;

  Inspection(MoverConfig config) {
    this.config = config;
  }

  List<Finding> destination(Connection connection, Database database) throws SQLException {
    var findings = new ArrayList<>(PgqChecks.versions(connection));
    if (!findings.isEmpty()) {
      return findings;
    }
    findings.addAll(PgqChecks.role(connection, "pgq_admin", "copy events into destination queues"));
    var queues =
        config.fleet().queues().keySet().stream().map(config::destinationQueue).distinct().toList();
    findings.addAll(PgqChecks.queues(connection, queues));
    for (var table : missingTables(connection).stream().limit(1).toList()) {
      findings.add(new Finding("table " + table + " does not exist", "run `mover provision`"));
    }
    return findings;
  }

  List<Finding> source(Connection connection, Database database) throws SQLException {
    var findings = new ArrayList<>(PgqChecks.versions(connection));
    if (!findings.isEmpty()) {
      return findings;
    }
    findings.addAll(PgqChecks.role(connection, "pgq_reader", "consume queues"));
    var pgq = new Pgq(connection);
    var existing = pgq.queues();
    for (var queue : config.queues(database)) {
      if (!existing.contains(queue.queue())) {
        findings.addAll(PgqChecks.queues(connection, List.of(queue.queue())));
      } else if (pgq.subscription(queue.queue(), queue.consumer()).isEmpty()) {
        findings.add(
            new Finding(
                "consumer \"%s\" is not registered on queue \"%s\""
                    .formatted(queue.consumer(), queue.queue()),
                "run `mover provision`"));
      }
    }
    return findings;
  }

  /** Which of our tables a destination lacks: all, or those that an older version did not have. */
  static List<String> missingTables(Connection connection) throws SQLException {
    try (var statement = connection.createStatement();
        var rows = statement.executeQuery(MISSING_TABLES)) {
      var missing = new ArrayList<String>();
      while (rows.next()) {
        missing.add(rows.getString(1));
      }
      return missing;
    }
  }
}
