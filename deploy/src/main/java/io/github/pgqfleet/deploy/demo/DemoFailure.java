package io.github.pgqfleet.deploy.demo;

import java.io.Serial;
import java.util.concurrent.ExecutionException;

/** The demonstration cannot go on; the message says why, for people. */
final class DemoFailure extends RuntimeException {
  @Serial private static final long serialVersionUID = 1L;

  DemoFailure(String message) {
    super(message);
  }

  DemoFailure(String message, Throwable cause) {
    super(message + ": " + reason(cause), cause);
  }

  private static String reason(Throwable cause) {
    // What a task threw says more than that it threw.
    Throwable inner = cause instanceof ExecutionException ? cause.getCause() : cause;
    return String.valueOf(inner == null ? cause : inner.getMessage());
  }
}
