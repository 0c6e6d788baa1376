package io.github.pgqfleet.worker.batch;

import io.github.pgqfleet.worker.coop.SubConsumerId;
import java.sql.Connection;

/**
 * A batch that is being handled.
 *
 * @param id the sub-consumer that works on it
 * @param batchId PgQ's id of the batch
 * @param connection the transaction's connection, guarded against ending the transaction
 */
public record BatchDelivery(SubConsumerId id, long batchId, Connection connection) {}
