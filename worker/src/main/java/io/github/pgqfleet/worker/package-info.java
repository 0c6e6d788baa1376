/**
 * The worker: sub-consumers that share the destination's queues, and the commands of {@code
 * worker.jar}.
 *
 * <p>Each configured queue has some {@link io.github.pgqfleet.worker.Slots}; each slot is a {@link
 * io.github.pgqfleet.worker.SubConsumer} with a thread of its own and a name that stays the same
 * over restarts. They wait for a {@link io.github.pgqfleet.worker.TickWatcher}, which is the only
 * one that listens and looks while nothing happens.
 *
 * <p>When the configuration changes, slots come and go without disturbing the others. How a batch
 * is processed is in package {@code batch}, handlers outside the database in {@code call}, pauses
 * and rate limits in {@code flow}.
 */
@NullMarked
package io.github.pgqfleet.worker;

import org.jspecify.annotations.NullMarked;
