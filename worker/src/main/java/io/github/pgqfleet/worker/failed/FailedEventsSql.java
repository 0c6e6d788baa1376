package io.github.pgqfleet.worker.failed;

import io.github.pgqfleet.sql.ScriptRevision;
import io.github.pgqfleet.sql.ScriptRevision.State;
import io.github.pgqfleet.sql.SqlScript;
import io.github.pgqfleet.sql.SqlStates;
import java.sql.Connection;
import java.sql.SQLException;

/** The script {@code failed_events.sql}, and which revision of it a database has. Stateless. */
public final class FailedEventsSql {

  /** What {@code pgq_fleet.failed_events_revision()} returns where the script is up to date. */
  public static final int REVISION = 1;

  /** The function that a worker calls. */
  public static final String FAIL_EVENTS =
      "pgq_fleet.fail_events(bigint,bigint[],interval[],text[],text[])";

  private static final String PROVISION = "run `worker provision`";

  private FailedEventsSql() {}

  /** The script; may be run where an older revision is, or the same. */
  public static String script() {
    return SqlScript.load(FailedEventsSql.class, "failed_events.sql");
  }

  /** How a database stands to it. */
  public static State state(Connection connection) throws SQLException {
    return ScriptRevision.state(connection, "failed_events_revision", REVISION);
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
