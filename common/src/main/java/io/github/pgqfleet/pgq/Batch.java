package io.github.pgqfleet.pgq;

/**
 * An open batch: the events between two ticks. It says nothing of how many there are, since event
 * sequences have gaps; only reading tells.
 *
 * @param id {@code batch_id}
 * @param previous the tick after which the batch begins
 * @param current the tick with which it ends
 */
public record Batch(long id, Tick previous, Tick current) {}
