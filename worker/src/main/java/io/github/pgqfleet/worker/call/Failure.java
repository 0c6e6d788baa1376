package io.github.pgqfleet.worker.call;

import io.github.pgqfleet.worker.api.Event;

/**
 * An event that could not be handled.
 *
 * @param eventId {@code ev_id}
 * @param retry {@code ev_retry}: how often it had been retried before
 * @param error what went wrong; short, since a batch may have many
 * @param dead whether it makes no sense to try it again
 */
public record Failure(long eventId, int retry, String error, boolean dead) {

  private static final int LONGEST = 300;

  /** Shortens the error. */
  public Failure {
    error = error.length() > LONGEST ? error.substring(0, LONGEST) + "…" : error;
  }

  static Failure of(Event event, String error, boolean dead) {
    return new Failure(event.id(), event.retry(), error, dead);
  }

  /** Without the error, which may quote a payload, so that it may be logged. */
  @Override
  public String toString() {
    return "Failure[eventId=" + eventId + ", retry=" + retry + ", dead=" + dead + "]";
  }
}
