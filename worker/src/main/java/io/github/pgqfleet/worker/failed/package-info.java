/**
 * What becomes of events that could not be handled: {@link
 * io.github.pgqfleet.worker.failed.FailedEvents} puts them aside, to be retried or as dead letters,
 * within the transaction that finishes their batch, however their handler ran; {@link
 * io.github.pgqfleet.worker.failed.DeadLetters} is what operators do with the dead ones. The SQL is
 * our own {@code failed_events.sql} in schema {@code pgq_fleet}.
 */
@NullMarked
package io.github.pgqfleet.worker.failed;

import org.jspecify.annotations.NullMarked;
