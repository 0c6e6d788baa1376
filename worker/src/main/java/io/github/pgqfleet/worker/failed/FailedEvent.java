package io.github.pgqfleet.worker.failed;

/**
 * An event that could not be handled. Immutable.
 *
 * @param eventId {@code ev_id}
 * @param retry {@code ev_retry} at the attempt that failed, 0 at the first
 * @param error what went wrong, for the dead letter; never logged, as it may quote the payload
 * @param stack where it went wrong, for the dead letter; may be empty
 * @param dead whether no other attempt makes sense, whatever the policy
 */
public record FailedEvent(long eventId, int retry, String error, String stack, boolean dead) {

  /** Without its texts, so that it may be logged. */
  @Override
  public String toString() {
    return "FailedEvent[eventId=" + eventId + ", retry=" + retry + ", dead=" + dead + "]";
  }
}
