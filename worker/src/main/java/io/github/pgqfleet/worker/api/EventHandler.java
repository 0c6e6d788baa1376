package io.github.pgqfleet.worker.api;

/**
 * Handles events one by one: the form most handlers want. The rules of {@link Handler} hold, and
 * all the events of a batch are handled in one transaction.
 */
@FunctionalInterface
public non-sealed interface EventHandler extends Handler {

  /**
   * Handles one event. The worker looks for an interruption between two events.
   *
   * @param event the event
   * @param delivery the batch it belongs to, and the transaction
   * @throws Exception if the event could not be handled; its batch is then rolled back, and its
   *     events are delivered again
   */
  void handle(Event event, Delivery delivery) throws Exception;
}
