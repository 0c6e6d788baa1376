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
    findings.addAll(PgqChecks.queues(connection, config.destinationQueues()));
    if (!hasPositions(connection)) {
      findings.add(new Finding("table pgq_fleet.position does not exist", "run `mover provision`"));
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

  static boolean hasPositions(Connection connection) throws SQLException {
    try (var statement = connection.createStatement();
        var row = statement.executeQuery("select to_regclass('pgq_fleet.position') is not null")) {
      return row.next() && row.getBoolean(1);
    }
  }
}
