package io.github.pgqfleet.worker.batch;

import java.io.Serial;
import java.sql.SQLException;

/** The function that is to handle the events does not exist, which is not the events' fault. */
final class MissingFunctionException extends SQLException {

  @Serial private static final long serialVersionUID = 1L;

  MissingFunctionException(String message) {
    super(message);
  }
}
