package io.github.pgqfleet.pgq;

/**
 * A batch as it was opened.
 *
 * @param batch which one
 * @param eventSql {@code pgq.batch_event_sql}: the query that reads its events in order; good as
 *     long as the batch is open
 * @param newest whether the queue had no later tick then
 */
public record OpenBatch(Batch batch, String eventSql, boolean newest) {}
