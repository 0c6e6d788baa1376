package io.github.pgqfleet.cli;

import io.github.pgqfleet.pgq.Pgq;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.regex.Pattern;

/** What every executable checks of a database: PgQ, roles, queues. Changes nothing. Stateless. */
public final class PgqChecks {

  private static final int OLDEST_POSTGRESQL = 12;
  private static final int OLDEST_PGQ_MAJOR = 3;
  private static final int OLDEST_PGQ_MINOR = 2;
  private static final Pattern VERSION = Pattern.compile("(\\d+)\\.(\\d+).*");

  private PgqChecks() {}

  /** PostgreSQL and PgQ are there and new enough. Empty findings mean that PgQ can be used. */
  public static List<Finding> versions(Connection connection) throws SQLException {
    var findings = new ArrayList<Finding>();
    // The driver was told at the connection.
    var server = connection.getMetaData();
    if (server.getDatabaseMajorVersion() < OLDEST_POSTGRESQL) {
      findings.add(
          new Finding(
              "PostgreSQL " + server.getDatabaseProductVersion() + " is too old",
              "upgrade to " + OLDEST_POSTGRESQL + " or newer"));
    }
    var pgq = new Pgq(connection);
    if (!pgq.isInstalled()) {
      findings.add(
          new Finding(
              "PgQ is not installed",
              "install the package postgresql-NN-pgq3 on the server, then run `ticker provision`; where"
                  + " no extension may be created, `ticker provision --pgq-sql FILE`"));
    } else {
      // The releases that are too old all know their version, however they were installed.
      pgq.version()
          .filter(version -> !isNewEnough(version))
          .map(
              version ->
                  new Finding(
                      "PgQ " + version + " is too old",
                      "upgrade its package to 3.2 or newer, then `alter extension pgq update`, or run"
                          + " its pgq_pl_only.upgrade.sql where it is no extension"))
          .ifPresent(findings::add);
    }
    return findings;
  }

  static boolean isNewEnough(String version) {
    var matcher = VERSION.matcher(version);
    if (!matcher.matches()) {
      return false;
    }
    var major = Integer.parseInt(matcher.group(1));
    var minor = Integer.parseInt(matcher.group(2));
    return major > OLDEST_PGQ_MAJOR || (major == OLDEST_PGQ_MAJOR && minor >= OLDEST_PGQ_MINOR);
  }

  /**
   * The session's user has the rights of a role.
   *
   * @param purpose what it needs them for, in words
   */
  public static List<Finding> role(Connection connection, String role, String purpose)
      throws SQLException {
    try (var statement =
        connection.prepareStatement(
            "select pg_has_role(current_user, ?, 'USAGE'), quote_ident(current_user)")) {
      statement.setString(1, role);
      try (var row = statement.executeQuery()) {
        row.next();
        return row.getBoolean(1)
            ? List.of()
            : List.of(
                new Finding(
                    "role %s may not %s".formatted(row.getString(2), purpose),
                    "grant %s to %s".formatted(role, row.getString(2))));
      }
    }
  }

  /** The queues exist. */
  public static List<Finding> queues(Connection connection, Collection<String> expected)
      throws SQLException {
    var missing = new ArrayList<>(expected);
    missing.removeAll(new Pgq(connection).queues());
    return missing.stream()
        .map(q -> new Finding("queue \"" + q + "\" does not exist", "run `ticker provision`"))
        .toList();
  }
}
