package io.github.pgqfleet.worker.api;

/**
 * What handles the events of a queue, one by one or a batch at a time.
 *
 * <p>Each sub-consumer has a handler of its own and calls it from one thread, one batch after the
 * other; a handler needs no locks. The thread's context class loader is that of the handler's
 * class. When the batch is lost to another sub-consumer, or the worker must stop and the handler is
 * not through by the deadline, its connection is cut and its thread interrupted: nothing of what it
 * did there can be committed any more. If it implements {@link AutoCloseable} it is closed when its
 * sub-consumer stops.
 */
public sealed interface Handler permits EventHandler, BatchHandler {}
