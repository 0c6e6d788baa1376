package io.github.pgqfleet.worker.call;

import io.github.pgqfleet.worker.api.Event;
import java.time.Duration;
import java.util.List;

/**
 * Gives events to something outside the database. One for all the sub-consumers that a queue has in
 * this process. Thread-safe.
 */
public interface EventCaller extends AutoCloseable {

  /** Most events that {@link #call} takes. */
  int eventsPerCall();

  /**
   * Gives it some events of a batch, in the order of their ids. When nothing can be handled just
   * now, the answer says so, and which events are left.
   *
   * @throws InterruptedException when the thread was interrupted; what is under way is given up
   */
  Called call(CalledBatch batch, List<Event> events) throws InterruptedException;

  /** How long from now nothing should be called, because it has asked for that. */
  default Duration pause() {
    return Duration.ZERO;
  }

  /** Gives up what is under way, and frees what it holds. */
  @Override
  default void close() {}
}
