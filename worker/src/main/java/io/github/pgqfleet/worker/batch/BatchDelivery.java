package io.github.pgqfleet.worker.batch;

import io.github.pgqfleet.worker.coop.SubConsumerId;

/**
 * A batch that is being handled.
 *
 * @param id the sub-consumer that works on it
 * @param batchId PgQ's id of the batch
 */
public record BatchDelivery(SubConsumerId id, long batchId) {}
