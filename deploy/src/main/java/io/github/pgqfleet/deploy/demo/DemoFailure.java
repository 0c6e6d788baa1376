package io.github.pgqfleet.deploy.demo;

import java.io.Serial;

/** The demonstration cannot go on; the message says why, for people. */
final class DemoFailure extends RuntimeException {
  @Serial private static final long serialVersionUID = 1L;

  DemoFailure(String message) {
    super(message);
  }

  DemoFailure(String message, Throwable cause) {
    super(message + ": " + cause.getMessage(), cause);
  }
}
