/**
 * Handlers outside the database: an HTTP endpoint, a command.
 *
 * <p>They are called while no transaction is open on the destination, since a long one would hold
 * back rotation there, and the batch is finished in a transaction of its own afterwards. So they
 * are at-least-once: what was called for a batch that could then not be finished is called again.
 *
 * <p>An {@link io.github.pgqfleet.worker.call.EventCaller} says of each event whether it was
 * handled or has failed; and when nothing at all can be handled just now it says that, so that an
 * outage is nobody's failure: the batch waits, and no event uses up its attempts.
 */
@NullMarked
package io.github.pgqfleet.worker.call;

import org.jspecify.annotations.NullMarked;
