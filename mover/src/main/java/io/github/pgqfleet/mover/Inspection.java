package io.github.pgqfleet.mover;

import io.github.pgqfleet.cli.Finding;
import io.github.pgqfleet.cli.PgqChecks;
import io.github.pgqfleet.pgq.Pgq;
import io.github.pgqfleet.sql.Database;
import io.github.pgqfleet.sql.Quoting;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/**
 * What the mover needs of its databases; the destination is to be inspected before the sources.
 * Changes nothing. Thread-safe.
 */
final class Inspection {

  private static final String UTF8 = "UTF8";

  /** By the catalogue: a name in a schema that one may not use cannot even be looked up. */
  private static final String MISSING_TABLES =
      """
      select 'pgq_fleet.' || name
        from unnest(array['position', 'mover', 'drain']) with ordinality needed (name, number)
       where not exists (
         select from pg_class c join pg_namespace n on n.oid = c.relnamespace
          where n.nspname = 'pgq_fleet' and c.relname = name)
       order by number""";

  /** Takes and gives bytes of any kind, unchecked. */
  private static final String SQL_ASCII = "SQL_ASCII";

  private final MoverConfig config;
  private final ConnectionLimits limits;

  /** While it is not known, it is no problem. */
  private volatile String destinationEncoding = SQL_ASCII;

  /**
   * @param sources all source databases
   */
  Inspection(MoverConfig config, List<Database> sources) {
    this.config = config;
    this.limits = new ConnectionLimits(config, sources);
  }

  List<Finding> destination(Connection connection, Database database) throws SQLException {
    destinationEncoding = value(connection, "show server_encoding");
    var findings = new ArrayList<>(PgqChecks.versions(connection));
    if (!findings.isEmpty()) {
      return findings;
    }
    findings.addAll(durability(connection));
    findings.addAll(limits.inspect(connection, database));
    var queues = config.destinationQueues();
    findings.addAll(PgqChecks.queues(connection, queues));
    var role = role(connection);
    var privileges = new Privileges(connection, role);
    var missing = new ArrayList<>(privileges.missingOnState());
    for (var table : missingTables(connection).stream().limit(1).toList()) {
      findings.add(new Finding("table " + table + " does not exist", "run `mover provision`"));
    }
    for (var queue : queues) {
      missing.addAll(privileges.missingToFill(queue));
    }
    findings.addAll(
        lacks(
            role,
            missing,
            "run `mover provision --grant-to %s`, or grant it pgq_admin".formatted(role)));
    return findings;
  }

  List<Finding> source(Connection connection, Database database) throws SQLException {
    var findings = new ArrayList<>(PgqChecks.versions(connection));
    if (!findings.isEmpty()) {
      return findings;
    }
    findings.addAll(durability(connection));
    findings.addAll(encodings(value(connection, "show server_encoding"), destinationEncoding));
    findings.addAll(limits.inspect(connection, database));
    var role = role(connection);
    var privileges = new Privileges(connection, role);
    var isReader = privileges.has("pgq_reader");
    if (!isReader) {
      findings.addAll(
          lacks(
              role,
              List.of("pgq_reader"),
              "run `mover provision --grant-to %s`, or grant it".formatted(role)));
    }
    var pgq = new Pgq(connection);
    var existing = pgq.queues();
    for (var queue : config.queues(database)) {
      if (!existing.contains(queue.queue())) {
        findings.addAll(PgqChecks.queues(connection, List.of(queue.queue())));
        continue;
      }
      if (pgq.subscription(queue.queue(), queue.consumer()).isEmpty()) {
        findings.add(
            new Finding(
                "consumer \"%s\" is not registered on queue \"%s\""
                    .formatted(queue.consumer(), queue.queue()),
                "run `mover provision`"));
      }
      if (isReader) {
        findings.addAll(
            lacks(
                role,
                privileges.missingToRead(queue.queue()),
                "run select pgq.grant_perms(%s) as pgq_admin"
                    .formatted(Quoting.literal(connection, queue.queue()))));
      }
    }
    return findings;
  }

  private static List<Finding> lacks(String role, Collection<String> missing, String remedy) {
    return missing.stream()
        .map(what -> new Finding("role \"%s\" lacks %s".formatted(role, what), remedy))
        .toList();
  }

  /**
   * Our sessions ask for synchronous commits, which no setting of a role or a database overrides.
   * Where it is off all the same, something in between has dropped what we asked for.
   */
  static List<Finding> durability(Connection connection) throws SQLException {
    return value(connection, "show synchronous_commit").equals("off")
        ? List.of(
            new Finding(
                "synchronous_commit is off, although our session asks for on: a crash may lose what"
                    + " the other side relies on",
                "connect directly, not through a pooler that drops the start-up options"))
        : List.of();
  }

  /** Events go through UTF8, in which the sessions speak; the destination has to take them all. */
  static List<Finding> encodings(String source, String destination) {
    var converts =
        destination.equals(source)
            || destination.equals(SQL_ASCII)
            || (destination.equals(UTF8) && !source.equals(SQL_ASCII));
    return converts
        ? List.of()
        : List.of(
            new Finding(
                "encoding %s does not convert to the destination's %s: a queue would stop at the first event that it lacks"
                    .formatted(source, destination),
                source.equals(SQL_ASCII)
                    ? "make the source's encoding what its bytes are"
                    : "make the destination's encoding UTF8"));
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

  private static String role(Connection connection) throws SQLException {
    return value(connection, "select current_user");
  }

  private static String value(Connection connection, String sql) throws SQLException {
    try (var statement = connection.createStatement();
        var row = statement.executeQuery(sql)) {
      row.next();
      return row.getString(1);
    }
  }
}
