package io.github.pgqfleet.worker.batch;

import io.github.pgqfleet.worker.coop.SubConsumerId;
import java.io.Serial;

/**
 * A handler could not handle its batch, which has been rolled back and is still open. The message
 * names sub-consumer, batch and reason; the cause is what the handler threw.
 */
public final class BatchFailedException extends Exception {

  @Serial private static final long serialVersionUID = 1L;

  BatchFailedException(SubConsumerId id, long batchId, Throwable cause) {
    super("batch " + batchId + " of " + id + " was rolled back: " + Blame.message(cause), cause);
  }
}
