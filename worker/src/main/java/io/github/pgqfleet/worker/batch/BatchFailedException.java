package io.github.pgqfleet.worker.batch;

import io.github.pgqfleet.worker.coop.SubConsumerId;
import java.io.Serial;
import org.postgresql.util.PSQLException;

/**
 * A handler could not handle its batch, which has been rolled back and is still open. The message
 * names sub-consumer, batch and reason; the cause is what the handler threw.
 */
public final class BatchFailedException extends Exception {

  @Serial private static final long serialVersionUID = 1L;

  BatchFailedException(SubConsumerId id, long batchId, Throwable cause) {
    super("batch " + batchId + " of " + id + " was rolled back: " + reason(cause), cause);
  }

  /** The server's message without its detail, which quotes the values of rows. */
  private static String reason(Throwable cause) {
    if (cause instanceof PSQLException sql && sql.getServerErrorMessage() != null) {
      var error = sql.getServerErrorMessage();
      return error.getMessage() + " (SQLSTATE " + error.getSQLState() + ")";
    }
    return cause.getMessage() == null ? cause.getClass().getName() : cause.getMessage();
  }
}
