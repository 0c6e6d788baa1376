/**
 * The ticker: makes PgQ's ticks in all databases of the fleet, and does PgQ's maintenance.
 *
 * <p>A {@link io.github.pgqfleet.ticker.DatabaseTicker} is one virtual thread with one session in
 * one database. The session takes the advisory lock of {@link
 * io.github.pgqfleet.ticker.Leadership}, in a statement of its own, and ticks only while it holds
 * it, since two tickers at once in one database are unsafe. Each period it looks, in one statement
 * that writes nothing, which queues are due by PgQ's own rule ({@link
 * io.github.pgqfleet.ticker.TickLook}), and ticks those alone ({@link
 * io.github.pgqfleet.ticker.QueueTicks}). Transactions that were open when a tick was made get
 * another as soon as they have ended ({@link io.github.pgqfleet.ticker.Straddlers}). A ticker that
 * finds the lock taken stands by, with short attempts: a statement that waits would hold a
 * snapshot, and with it rotation, back.
 *
 * <p>Maintenance runs beside it, in short-lived sessions of its own ({@link
 * io.github.pgqfleet.ticker.MaintenanceRound}, {@link io.github.pgqfleet.ticker.RetryQueue}), and
 * only when the leading session has seen that there is something to do: a database at rest costs
 * one look a period.
 */
@NullMarked
package io.github.pgqfleet.ticker;

import org.jspecify.annotations.NullMarked;
