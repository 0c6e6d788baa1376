/**
 * What a user of the worker implements.
 *
 * <p>A {@link io.github.pgqfleet.worker.api.HandlerProvider} is named in {@code
 * META-INF/services/io.github.pgqfleet.worker.api.HandlerProvider} of a jar on the class path or in
 * the worker's handlers directory. It makes one handler for each sub-consumer: an {@link
 * io.github.pgqfleet.worker.api.EventHandler} where events are handled one by one, a {@link
 * io.github.pgqfleet.worker.api.BatchHandler} where a whole batch is better taken together.
 *
 * <p>A handler runs inside the transaction that also finishes the batch. What it writes through
 * {@link io.github.pgqfleet.worker.api.Delivery#connection()} therefore happens exactly once; what
 * it does elsewhere (another database, a mail) happens at least once, because the transaction may
 * still be rolled back and the batch be given out again.
 */
@NullMarked
package io.github.pgqfleet.worker.api;

import org.jspecify.annotations.NullMarked;
