package io.github.pgqfleet.worker.batch;

import java.io.Serial;

/** A handler failed at an event that is known. */
final class EventFailedException extends Exception {

  @Serial private static final long serialVersionUID = 1L;

  private final int position;
  private final Throwable reason;

  /**
   * @param position the event's place among those that were to be handled, from 0
   * @param reason what the handler threw
   */
  EventFailedException(int position, long eventId, Throwable reason) {
    super("event " + eventId, reason);
    this.position = position;
    this.reason = reason;
  }

  int position() {
    return position;
  }

  Throwable reason() {
    return reason;
  }
}
