/**
 * The benchmarks: our processes against those that do the same work today, side by side in one run.
 *
 * <p>Everything is real: private PostgreSQL clusters, PgQ, the fat jars and the peers as processes
 * of their own. The candidates take turns on the same databases (A B A B ...), so that whatever the
 * machine does meanwhile happens to all of them, and {@link
 * io.github.pgqfleet.deploy.bench.Figures} prints medians and the ratio of medians. CPU is what the
 * kernel has charged, to the candidate's processes and to every process of PostgreSQL ({@link
 * io.github.pgqfleet.deploy.bench.Proc}): a ticker that makes the server work pays for it.
 *
 * <p>Figures go to standard output, a line each; what is going on goes to standard error.
 */
@NullMarked
package io.github.pgqfleet.deploy.bench;

import org.jspecify.annotations.NullMarked;
