package io.github.pgqfleet.worker.api;

/** Handles the events of a batch together. The rules of {@link Handler} hold. */
@FunctionalInterface
public non-sealed interface BatchHandler extends Handler {

  /**
   * Handles the events, in the order of their ids. Returning normally lets the batch be finished
   * and the transaction be committed; throwing rolls everything back. The events are then delivered
   * again, in parts that are halved until the events are known for which this fails; those are
   * retried later or become dead letters, and the others are handled.
   *
   * <p>The events may be a part of the batch, and one batch may come in several calls.
   *
   * @param events the events, read from the server as they are asked for, so that a batch of any
   *     size needs little memory; may be gone through once, and need not be gone through to the
   *     end. There may be none
   * @param delivery the batch and its transaction
   * @throws Exception if the events could not be handled; {@link InterruptedException} when the
   *     thread was interrupted, which means that the worker stops or that the batch has been lost
   *     to another sub-consumer: give up soon, nothing of it can be committed any more
   */
  void handle(Iterable<Event> events, Delivery delivery) throws Exception;
}
