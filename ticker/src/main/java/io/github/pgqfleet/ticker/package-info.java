/**
 * The ticker: makes PgQ's ticks in all databases of the fleet, and does PgQ's maintenance.
 *
 * <p>A {@link io.github.pgqfleet.ticker.DatabaseTicker} is one virtual thread with one session in
 * one database. The session takes the advisory lock of {@link
 * io.github.pgqfleet.ticker.Leadership}, in a statement of its own, and ticks only while it holds
 * it, since two tickers at once in one database are unsafe. A look, one statement, says which
 * queues are due by PgQ's own rule, and ticks those alone ({@link
 * io.github.pgqfleet.ticker.TickLook}, {@link io.github.pgqfleet.ticker.QueueTicks}); where PgQ
 * sees nothing new there may be events that it overlooks, and a probe finds them ({@link
 * io.github.pgqfleet.ticker.OverlookedQueues}), which saves the ticks that PgQ's rule makes in case
 * there are. A ticker that finds the lock taken stands by, with short attempts: a statement that
 * waits would hold a snapshot, and with it rotation, back.
 *
 * <p>Waking a session in each of 256 databases, to find nothing, is what a ticker would cost most.
 * So one session a server looks whether anything was committed there, and in which databases
 * ({@link io.github.pgqfleet.ticker.ServerPulse}); only those get their {@link
 * io.github.pgqfleet.ticker.Turn}, and those where a tick is due by the clock.
 *
 * <p>Maintenance runs beside it, in short-lived sessions of its own ({@link
 * io.github.pgqfleet.ticker.MaintenanceRound}, {@link io.github.pgqfleet.ticker.RetryQueue}), and
 * only when the leading session has seen that there is something to do.
 */
@NullMarked
package io.github.pgqfleet.ticker;

import org.jspecify.annotations.NullMarked;
