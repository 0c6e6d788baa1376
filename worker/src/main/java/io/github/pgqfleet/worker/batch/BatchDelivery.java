package io.github.pgqfleet.worker.batch;

import io.github.pgqfleet.worker.api.Delivery;
import io.github.pgqfleet.worker.coop.SubConsumerId;
import java.sql.Connection;

/**
 * The batch as a handler sees it.
 *
 * @param id the sub-consumer that works on it
 * @param batchId PgQ's id of the batch
 * @param connection the transaction's connection, guarded against ending the transaction
 */
public record BatchDelivery(SubConsumerId id, long batchId, Connection connection)
    implements Delivery {

  @Override
  public String queue() {
    return id.queue();
  }

  @Override
  public String consumer() {
    return id.consumer();
  }

  @Override
  public String subconsumer() {
    return id.subconsumer();
  }
}
