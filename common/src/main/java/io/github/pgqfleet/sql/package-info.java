/**
 * Connections and transactions.
 *
 * <p>{@link io.github.pgqfleet.sql.Sessions} opens every connection of the fleet with the settings
 * that its guarantees need (READ COMMITTED, timeouts, and {@code synchronous_commit = on} where the
 * caller does not say why it can do without); {@link io.github.pgqfleet.sql.Pools} hands them out;
 * {@link io.github.pgqfleet.sql.Transactions} is the one place that begins and commits; {@link
 * io.github.pgqfleet.sql.SqlStates} the one that knows what an SQLSTATE means for the next attempt.
 */
@NullMarked
package io.github.pgqfleet.sql;

import org.jspecify.annotations.NullMarked;
