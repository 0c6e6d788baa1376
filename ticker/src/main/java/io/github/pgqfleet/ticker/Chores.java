package io.github.pgqfleet.ticker;

import io.github.pgqfleet.sql.SqlScript;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Optional;

/**
 * What there is to do in a database beside ticks. Immutable.
 *
 * @param retries the retry time of some event has come
 * @param maintenance PgQ lists something to maintain
 */
record Chores(boolean retries, boolean maintenance) {

  private static final String SQL = SqlScript.load(Chores.class, "chores.sql");

  private static final String IF_LEADING =
      "select chores.*, " + Leadership.TRY_LEAD + " from (" + SQL + ") chores";

  /**
   * Asks a database. When it cannot tell, there is something to do: whoever tries will say why not.
   *
   * @param vacuum whether a vacuum counts
   * @throws SQLException when the session is lost
   */
  static Chores find(Connection connection, boolean vacuum) throws SQLException {
    try (var statement = connection.prepareStatement(SQL)) {
      statement.setBoolean(1, vacuum);
      try (var row = statement.executeQuery()) {
        row.next();
        return new Chores(row.getBoolean(1), row.getBoolean(2));
      }
    } catch (SQLException e) {
      QueueTicks.rethrowIfLost(e);
      return new Chores(true, true);
    }
  }

  /**
   * Takes the lock of {@link Leadership} and asks, in one statement: for a session that leads until
   * it is closed.
   *
   * @return nothing when another session leads
   * @throws SQLException when it cannot tell; the lock may have been taken
   */
  static Optional<Chores> findIfLeading(Connection connection, boolean vacuum) throws SQLException {
    try (var statement = connection.prepareStatement(IF_LEADING)) {
      statement.setBoolean(1, vacuum);
      try (var row = statement.executeQuery()) {
        row.next();
        return row.getBoolean(3)
            ? Optional.of(new Chores(row.getBoolean(1), row.getBoolean(2)))
            : Optional.empty();
      }
    }
  }
}
