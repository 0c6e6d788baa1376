package io.github.pgqfleet.pgq;

import java.util.Optional;

/**
 * A batch as it was opened.
 *
 * @param batch which one
 * @param eventSql {@code pgq.batch_event_sql}: the query that reads its events in order; good as
 *     long as the batch is open. None when it was opened together with others
 * @param newest whether the queue had no later tick then
 */
public record OpenBatch(Batch batch, Optional<String> eventSql, boolean newest) {}
