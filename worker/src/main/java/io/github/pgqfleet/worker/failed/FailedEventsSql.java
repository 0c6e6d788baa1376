package io.github.pgqfleet.worker.failed;

import io.github.pgqfleet.sql.SqlScript;
import io.github.pgqfleet.sql.SqlStates;
import java.sql.Connection;
import java.sql.SQLException;

/** The script {@code failed_events.sql}, and which revision of it a database has. Stateless. */
public final class FailedEventsSql {

  /** What {@code pgq_fleet.failed_events_revision()} returns where the script is up to date. */
  public static final int REVISION = 1;

  private static final String PROVISION = "run `worker provision`";

  /** By the catalogue: a name in a schema that one may not use cannot even be looked up. */
  private static final String STATE =
      """
      select has_schema_privilege(n.oid, 'usage')
        from pg_proc p join pg_namespace n on n.oid = p.pronamespace
       where n.nspname = 'pgq_fleet' and p.proname = 'failed_events_revision'""";

  /** How a database stands to the script. */
  public enum State {
    MISSING,
    /** An older revision of it is there. */
    OLD,
    /** It is there, but this session's user may not use it. */
    FORBIDDEN,
    READY
  }

  private FailedEventsSql() {}

  /** The script; may be run where an older revision is, or the same. */
  public static String script() {
    return SqlScript.load(FailedEventsSql.class, "failed_events.sql");
  }

  /** Looks; changes nothing. A newer revision than ours is left to be what it is. */
  public static State state(Connection connection) throws SQLException {
    try (var statement = connection.createStatement()) {
      try (var row = statement.executeQuery(STATE)) {
        if (!row.next()) {
          return State.MISSING;
        }
        if (!row.getBoolean(1)) {
          return State.FORBIDDEN;
        }
      }
      try (var row = statement.executeQuery("select pgq_fleet.failed_events_revision()")) {
        row.next();
        return row.getInt(1) < REVISION ? State.OLD : State.READY;
      }
    }
  }

  /** The error with what to do about it, where that is known. */
  static SQLException explained(SQLException e) {
    var remedy =
        switch (e.getSQLState()) {
          case null -> "";
          case SqlStates.UNDEFINED_TABLE,
              SqlStates.UNDEFINED_FUNCTION,
              SqlStates.UNDEFINED_SCHEMA ->
              "; " + PROVISION;
          case SqlStates.INSUFFICIENT_PRIVILEGE -> "; grant this user pgq_reader";
          default -> "";
        };
    return remedy.isEmpty()
        ? e
        : new SQLException(
            "failed events cannot be put aside, nor dead letters be read: "
                + e.getMessage()
                + remedy,
            e.getSQLState(),
            e);
  }
}
