package io.github.pgqfleet.worker.batch;

import java.io.Serial;
import java.sql.SQLException;

/** The handler works with no event, which is not the events' fault. */
final class BrokenHandlerException extends SQLException {

  @Serial private static final long serialVersionUID = 1L;

  BrokenHandlerException(String message) {
    super(message);
  }
}
