package io.github.pgqfleet.worker.call;

import io.github.pgqfleet.worker.coop.SubConsumerId;

/**
 * The batch that events belong to.
 *
 * @param id the sub-consumer that works on it
 * @param batchId PgQ's id of the batch
 */
public record CalledBatch(SubConsumerId id, long batchId) {}
