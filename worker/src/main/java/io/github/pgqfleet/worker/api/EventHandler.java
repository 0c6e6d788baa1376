package io.github.pgqfleet.worker.api;

/**
 * Handles events one by one: the form most handlers want. The rules of {@link Handler} hold, and
 * all the events of a batch are handled in one transaction. One that asks the database something
 * for each event waits for as many answers; what needs none is better given to {@link
 * Delivery#send}.
 */
@FunctionalInterface
public non-sealed interface EventHandler extends Handler {

  /**
   * Handles one event. The worker looks for an interruption between two events.
   *
   * @param event the event
   * @param delivery the batch it belongs to, and the transaction
   * @throws Exception if the event could not be handled: its batch is then rolled back and handled
   *     again without it, and the event is retried later or becomes a dead letter; at once, if this
   *     is a {@link DeadEventException}. {@link InterruptedException} when the thread was
   *     interrupted: give up soon, nothing can be committed any more
   */
  void handle(Event event, Delivery delivery) throws Exception;
}
