package io.github.pgqfleet.sql;

import java.sql.Connection;
import java.sql.SQLException;

/**
 * Which revision of a script of ours a database has: each makes a function in schema {@code
 * pgq_fleet} that returns it. Stateless.
 */
public final class ScriptRevision {

  /** By the catalogue: a name in a schema that one may not use cannot even be looked up. */
  private static final String MAY_USE =
      """
      select has_schema_privilege(n.oid, 'usage')
        from pg_catalog.pg_proc p join pg_catalog.pg_namespace n on n.oid = p.pronamespace
       where n.nspname = 'pgq_fleet' and p.proname = ?""";

  /** How a database stands to a script. */
  public enum State {
    MISSING,
    /** An older revision of it is there. */
    OLD,
    /** It is there, but this session's user may not use it. */
    FORBIDDEN,
    READY
  }

  private ScriptRevision() {}

  /**
   * Looks; changes nothing. A newer revision than ours is left to be what it is.
   *
   * @param function the one that returns the revision
   * @param revision ours
   */
  public static State state(Connection connection, String function, int revision)
      throws SQLException {
    try (var statement = connection.prepareStatement(MAY_USE)) {
      statement.setString(1, function);
      try (var row = statement.executeQuery()) {
        if (!row.next()) {
          return State.MISSING;
        }
        if (!row.getBoolean(1)) {
          return State.FORBIDDEN;
        }
      }
    }
    try (var statement = connection.createStatement();
        var row = statement.executeQuery("select pgq_fleet." + function + "()")) {
      row.next();
      return row.getInt(1) < revision ? State.OLD : State.READY;
    }
  }
}
