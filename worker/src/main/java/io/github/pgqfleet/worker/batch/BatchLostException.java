package io.github.pgqfleet.worker.batch;

import java.io.Serial;

/** The batch is another sub-consumer's by now: the transaction must be rolled back. */
final class BatchLostException extends Exception {

  @Serial private static final long serialVersionUID = 1L;

  BatchLostException(String message) {
    super(message);
  }
}
