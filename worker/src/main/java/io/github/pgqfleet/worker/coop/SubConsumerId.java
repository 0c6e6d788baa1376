package io.github.pgqfleet.worker.coop;

/**
 * Names one sub-consumer. Immutable.
 *
 * @param queue the queue it consumes
 * @param consumer the main consumer, whose position the group shares
 * @param subconsumer its own name within the group; stable over restarts, because names stay in
 *     {@code pgq.consumer}
 */
public record SubConsumerId(String queue, String consumer, String subconsumer) {

  /** Refuses empty names. */
  public SubConsumerId {
    if (queue.isEmpty() || consumer.isEmpty() || subconsumer.isEmpty()) {
      throw new IllegalArgumentException("queue, consumer and subconsumer need names");
    }
  }

  /** {@code queue/consumer.subconsumer}, as logs and status show it. */
  @Override
  public String toString() {
    return queue + "/" + consumer + "." + subconsumer;
  }
}
