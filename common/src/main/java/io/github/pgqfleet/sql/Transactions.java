package io.github.pgqfleet.sql;

import java.sql.Connection;
import java.sql.SQLException;

/** The one place that begins, commits and rolls back. Stateless. */
public final class Transactions {

  /** What is done in one transaction. */
  @FunctionalInterface
  public interface Work<T extends @org.jspecify.annotations.Nullable Object, X extends Exception> {
    T run(Connection connection) throws SQLException, X;
  }

  private Transactions() {}

  /**
   * Runs {@code work} in one transaction of {@code connection}, which is in autocommit mode before
   * and after. Commits when {@code work} returns; rolls back when it throws, and keeps what goes
   * wrong while rolling back as a suppressed exception.
   *
   * @throws CommitOutcomeUnknownException when the connection broke during the commit: the caller
   *     reads the state again and assumes nothing
   */
  public static <T extends @org.jspecify.annotations.Nullable Object, X extends Exception>
      T inTransaction(Connection connection, Work<T, X> work) throws SQLException, X {
    connection.setAutoCommit(false);
    T result;
    try {
      result = work.run(connection);
    } catch (Throwable e) {
      rollBack(connection, e);
      throw e;
    }
    commit(connection);
    connection.setAutoCommit(true);
    return result;
  }

  /**
   * Runs {@code work} in a transaction that is always rolled back: to learn what would come of
   * something. {@code connection} is in autocommit mode before and after.
   */
  public static <T extends @org.jspecify.annotations.Nullable Object, X extends Exception>
      T rolledBack(Connection connection, Work<T, X> work) throws SQLException, X {
    connection.setAutoCommit(false);
    T result;
    try {
      result = work.run(connection);
    } catch (Throwable e) {
      rollBack(connection, e);
      throw e;
    }
    connection.rollback();
    connection.setAutoCommit(true);
    return result;
  }

  private static void commit(Connection connection) throws SQLException {
    try {
      connection.commit();
    } catch (SQLException e) {
      rollBack(connection, e);
      // An answer from the server, such as a failed deferred constraint, is a certain "no".
      throw SqlStates.isConnectionLost(e) ? new CommitOutcomeUnknownException(e) : e;
    }
  }

  private static void rollBack(Connection connection, Throwable reason) {
    try {
      if (!connection.isClosed()) {
        connection.rollback();
        connection.setAutoCommit(true);
      }
    } catch (SQLException e) {
      reason.addSuppressed(e);
    }
  }
}
