package io.github.pgqfleet.sql;

import java.io.Serial;
import java.sql.SQLException;

/**
 * The connection broke while a commit was under way: the transaction may have been committed or
 * not. Whoever catches it reads the state again and assumes nothing.
 */
public final class CommitOutcomeUnknownException extends SQLException {

  @Serial private static final long serialVersionUID = 1L;

  public CommitOutcomeUnknownException(SQLException cause) {
    super(
        "the connection broke during commit, its outcome is unknown: " + cause.getMessage(),
        cause.getSQLState(),
        cause);
  }
}
