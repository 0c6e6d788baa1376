/**
 * Cooperative consumption: the SQL functions of schema {@code pgq_coop}, one method a function.
 *
 * <p>The same functions and signatures exist in two implementations, the published one and ours
 * ({@code pgq_coop.sql}). Callers must be correct on both: they never trust {@code finish_batch}
 * alone.
 */
@NullMarked
package io.github.pgqfleet.worker.coop;

import org.jspecify.annotations.NullMarked;
