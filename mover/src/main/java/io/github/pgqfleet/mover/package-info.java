/**
 * Forwards source queues into destination queues, exactly once.
 *
 * <p>For source database S and destination D, each queue in a virtual thread of its own ({@link
 * io.github.pgqfleet.mover.QueueMover}):
 *
 * <ol>
 *   <li>On S, committed: {@code next_batch}, with the ticks before and after it; a backlog of many
 *       ticks as one batch.
 *   <li>On D, one transaction: the position row is set from the batch's previous tick to its
 *       current one, if it stands there ({@link io.github.pgqfleet.mover.Positions}); then the
 *       events are copied, as raw binary COPY rows, into the destination queue's current event
 *       table.
 *   <li>When D has committed: {@code finish_batch} on S, in one transaction with asking for the
 *       next.
 * </ol>
 *
 * <p>{@link io.github.pgqfleet.mover.MoveBatch} is that list in code. Steps 1 and 3 are done for
 * all queues of a database that a tick wakes together ({@link
 * io.github.pgqfleet.mover.SourceBatches}), and their small batches are read with one statement
 * ({@link io.github.pgqfleet.mover.JointRead}). Step 2 is done for many small batches at once
 * ({@link io.github.pgqfleet.mover.SmallBatches}, {@link io.github.pgqfleet.mover.GroupCommit}),
 * when they have been read into memory ({@link io.github.pgqfleet.mover.BatchEvents}, {@link
 * io.github.pgqfleet.mover.BufferMemory}); a large batch streams in a transaction of its own, while
 * the one after it is begun to be read ({@link io.github.pgqfleet.mover.ReadAhead}). A crash
 * between 2 and 3 leaves the position at the batch's current tick: the batch is finished without
 * being copied again. Two movers on one queue meet at the row lock of step 2. A position that fits
 * neither the source's ticks nor the batch means that one of the databases is not what it was; the
 * queue then stops and says so, and nothing is touched.
 *
 * <p>Several movers share the source databases ({@link io.github.pgqfleet.mover.Sharing}, {@link
 * io.github.pgqfleet.mover.Heartbeat}), so that each is led by one of them ({@link
 * io.github.pgqfleet.mover.SourceDatabase}). That saves work, and nothing rests on it.
 */
@NullMarked
package io.github.pgqfleet.mover;

import org.jspecify.annotations.NullMarked;
