package io.github.pgqfleet.ticker;

import io.github.pgqfleet.config.AdminConfig;
import io.github.pgqfleet.config.FleetConfig;
import io.github.pgqfleet.config.Section;
import java.time.Duration;

/**
 * The ticker's part of the configuration, and the fleet's. Immutable.
 *
 * @param fleet queues, servers and destination
 * @param period how often each database is looked at
 * @param notifies whether a tick says NOTIFY
 * @param maintenancePeriod how often maintenance is asked for
 * @param retryPeriod how often the retry queue is looked into
 * @param maintenanceTimeout bound on one statement of maintenance
 * @param vacuum whether the tables that PgQ lists are vacuumed
 * @param stopDeadline how long a stop waits for statements under way
 * @param admin where the daemon answers over HTTP
 */
public record TickerConfig(
    FleetConfig fleet,
    Duration period,
    boolean notifies,
    Duration maintenancePeriod,
    Duration retryPeriod,
    Duration maintenanceTimeout,
    boolean vacuum,
    Duration stopDeadline,
    AdminConfig admin) {

  private static final Duration SECOND = Duration.ofSeconds(1);
  private static final Duration DAY = Duration.ofDays(1);

  /** Reads the parts {@code fleet} and {@code ticker} of the file. */
  public static TickerConfig read(Section root) {
    var fleet = FleetConfig.read(root);
    var ticker = root.section("ticker");
    return new TickerConfig(
        fleet,
        ticker.duration("period", Duration.ofMillis(50), Duration.ofHours(1)),
        ticker.bool("notify"),
        ticker.duration("maintenance-period", SECOND, DAY),
        ticker.duration("retry-period", Duration.ofMillis(50), DAY),
        ticker.duration("maintenance-timeout", SECOND, DAY),
        ticker.bool("vacuum"),
        ticker.duration("stop-deadline", Duration.ofMillis(100), Duration.ofHours(1)),
        AdminConfig.read(ticker));
  }
}
