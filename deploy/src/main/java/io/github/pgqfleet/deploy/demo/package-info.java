/**
 * The demonstration: the whole pipeline on real databases, with an audit at the end.
 *
 * <p>It plays the applications, and nothing else of the fleet is special to it: {@code provision}
 * and {@code run} of the three fat jars do their work from one {@code fleet.conf}, as they would
 * anywhere. Each application transaction writes a row that says which events it wrote; each handler
 * writes a row for each event, in the transaction that finishes the batch. So the books of both
 * sides are kept by the transactions themselves, and {@link io.github.pgqfleet.deploy.demo.Audit}
 * only has to compare them.
 */
@NullMarked
package io.github.pgqfleet.deploy.demo;

import org.jspecify.annotations.NullMarked;
