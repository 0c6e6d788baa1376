package io.github.pgqfleet.ticker.page;

import io.github.pgqfleet.sql.Database;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What this process is to a database. Immutable.
 *
 * @param role {@code leading}, {@code standby} or {@code connecting}
 * @param since since when
 * @param silent whether it has not been ticked for many periods, whatever the reason
 * @param problem what went wrong, as long as it does
 */
public record Standing(
    Database database, String role, Instant since, boolean silent, @Nullable String problem) {}
