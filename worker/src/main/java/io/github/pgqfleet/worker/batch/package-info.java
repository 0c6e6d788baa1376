/**
 * One batch, from {@code next_batch} to {@code finish_batch}.
 *
 * <p>{@link io.github.pgqfleet.worker.batch.ProcessBatch} is the protocol for handlers that work in
 * the database, {@link io.github.pgqfleet.worker.batch.CallBatch} for those that are outside it and
 * so at-least-once. What makes it exactly once for handlers that write through the given connection
 * is the end of its transaction: the batch must still be this sub-consumer's while the main
 * consumer's row is locked, and closing it must close one batch; everything that the handler wrote
 * is committed together with that, or not at all. A {@link
 * io.github.pgqfleet.worker.batch.Heartbeat} keeps a long batch from being taken over, but nothing
 * depends on it for correctness.
 *
 * <p>A batch that fails is run again by {@link io.github.pgqfleet.worker.batch.EventSearch}, which
 * handles all events but those that fail. {@link io.github.pgqfleet.worker.batch.Blame} tells their
 * failures from those that come from elsewhere.
 */
@NullMarked
package io.github.pgqfleet.worker.batch;

import org.jspecify.annotations.NullMarked;
