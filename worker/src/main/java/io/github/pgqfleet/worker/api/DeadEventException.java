package io.github.pgqfleet.worker.api;

import java.io.Serial;

/**
 * Thrown by a handler that knows that another attempt at an event would fail as well, such as at
 * one that it cannot parse: the event becomes a dead letter at once. Any other exception lets it be
 * retried, and makes it a dead letter after its last attempt.
 *
 * <p>Thrown by a {@link BatchHandler} for more than one event, it says so of none: they are then
 * handed to it again in smaller parts, until it is known which event fails.
 *
 * <p>The message is kept with the dead letter, and not logged.
 */
public class DeadEventException extends RuntimeException {

  @Serial private static final long serialVersionUID = 1L;

  public DeadEventException(String message) {
    super(message);
  }

  public DeadEventException(String message, Throwable cause) {
    super(message, cause);
  }
}
