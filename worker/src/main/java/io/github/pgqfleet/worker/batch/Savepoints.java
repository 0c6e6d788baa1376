package io.github.pgqfleet.worker.batch;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;

/**
 * One savepoint at a time in the transaction of a batch. Before what came after it is kept,
 * deferred constraints are checked, and then deferred again as they are by default: a handler may
 * rely on that for the next events. Each method is one round trip. Not thread-safe.
 */
final class Savepoints {

  private static final String SET = "savepoint pgq_fleet_events";
  private static final String RELEASE = "release savepoint pgq_fleet_events";

  /** Constraints that are not deferred by default, although they may be. */
  private static final String INITIALLY_IMMEDIATE =
      """
      select distinct format('%I.%I', n.nspname, c.conname)
        from pg_constraint c
        join pg_namespace n on n.oid = c.connamespace
       where c.condeferrable and not c.condeferred
         and has_schema_privilege(n.oid, 'usage')""";

  private final Connection connection;
  private final String check;

  /** Learns which constraints the database has, and sets the first savepoint. */
  Savepoints(Connection connection) throws SQLException {
    this.connection = connection;
    var immediate = new ArrayList<String>();
    try (var statement = connection.createStatement();
        var rows = statement.executeQuery(INITIALLY_IMMEDIATE)) {
      while (rows.next()) {
        immediate.add(rows.getString(1));
      }
    }
    check =
        "set constraints all immediate; set constraints all deferred; "
            + (immediate.isEmpty()
                ? ""
                : "set constraints " + String.join(", ", immediate) + " immediate; ");
    execute(SET);
  }

  /**
   * Keeps what was done since the last savepoint and sets the next.
   *
   * @throws SQLException when a deferred constraint is violated, or a statement had failed
   */
  void keep() throws SQLException {
    execute(check + RELEASE + "; " + SET);
  }

  /** Undoes what was done since the last savepoint, which stays. */
  void undo() throws SQLException {
    execute("rollback to " + SET);
  }

  /** The last one; what was done since it is kept. */
  void end() throws SQLException {
    execute(RELEASE);
  }

  private void execute(String sql) throws SQLException {
    try (var statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }
}
