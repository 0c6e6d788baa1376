package io.github.pgqfleet.worker.api;

/**
 * Handles events one by one: the form most handlers want.
 *
 * <p>The same rules hold as for every {@link BatchHandler}, which this is: one thread, one
 * transaction for all the events of a batch.
 */
@FunctionalInterface
public interface EventHandler extends BatchHandler {

  /**
   * Handles one event.
   *
   * @param event the event
   * @param delivery the batch it belongs to, and the transaction
   * @throws Exception if the event could not be handled; its batch is then rolled back
   */
  void handle(Event event, Delivery delivery) throws Exception;

  /** Calls {@link #handle(Event, Delivery)} for each event, and stops between two if told to. */
  @Override
  default void handle(Iterable<Event> events, Delivery delivery) throws Exception {
    for (Event event : events) {
      if (Thread.interrupted()) {
        throw new InterruptedException("interrupted before event " + event.id());
      }
      handle(event, delivery);
    }
  }
}
