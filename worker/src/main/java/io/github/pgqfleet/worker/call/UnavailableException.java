package io.github.pgqfleet.worker.call;

import java.io.Serial;

/** Nothing can be handled just now; the message names who said so, why, and the remedy. */
public final class UnavailableException extends Exception {

  @Serial private static final long serialVersionUID = 1L;

  UnavailableException(String message) {
    super(message);
  }

  UnavailableException(String message, Throwable cause) {
    super(message, cause);
  }
}
