package io.github.pgqfleet.ticker;

import io.github.pgqfleet.config.AdminConfig;
import io.github.pgqfleet.config.FleetConfig;
import io.github.pgqfleet.config.NamePattern;
import io.github.pgqfleet.config.Section;
import io.github.pgqfleet.sql.Database;
import io.github.pgqfleet.ticker.page.PageConfig;
import java.time.Duration;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;

/**
 * The ticker's part of the configuration, and the fleet's. Immutable.
 *
 * @param fleet queues, servers and destination
 * @param defaultPeriod how often a database is looked at that {@code periods} does not name
 * @param periods the same for single databases, by patterns of their ids
 * @param notifies whether a tick says NOTIFY
 * @param maintenancePeriod how often maintenance is asked for
 * @param retryPeriod how often the retry queue is looked into
 * @param maintenanceTimeout bound on one statement of maintenance
 * @param vacuum whether the tables that PgQ lists are vacuumed
 * @param watchPeriod how often what may hurt later is looked at
 * @param limits beyond which it is an alarm
 * @param connectionLifetime after which a session is replaced by a new one
 * @param stopDeadline how long a stop waits for statements under way
 * @param admin where the daemon answers over HTTP
 * @param page how the fleet page is shown there
 */
public record TickerConfig(
    FleetConfig fleet,
    Duration defaultPeriod,
    Map<NamePattern, Duration> periods,
    boolean notifies,
    Duration maintenancePeriod,
    Duration retryPeriod,
    Duration maintenanceTimeout,
    boolean vacuum,
    Duration watchPeriod,
    Map<Watched, Long> limits,
    Duration connectionLifetime,
    Duration stopDeadline,
    AdminConfig admin,
    PageConfig page) {

  private static final Duration SECOND = Duration.ofSeconds(1);
  private static final Duration DAY = Duration.ofDays(1);
  private static final Duration YEAR = Duration.ofDays(366);
  private static final Duration SHORTEST = Duration.ofMillis(50);
  private static final Duration LONGEST = Duration.ofHours(1);

  public TickerConfig {
    periods = Map.copyOf(periods);
    limits = Map.copyOf(limits);
  }

  /** Reads the parts {@code fleet} and {@code ticker} of the file. */
  public static TickerConfig read(Section root) {
    var fleet = FleetConfig.read(root);
    var ticker = root.section("ticker");
    return new TickerConfig(
        fleet,
        ticker.duration("period", SHORTEST, LONGEST),
        periods(ticker),
        ticker.bool("notify"),
        ticker.duration("maintenance-period", SECOND, DAY),
        ticker.duration("retry-period", Duration.ofMillis(50), DAY),
        ticker.duration("maintenance-timeout", SECOND, DAY),
        ticker.bool("vacuum"),
        ticker.section("alarms").duration("period", SECOND, DAY),
        limits(ticker.section("alarms")),
        ticker.duration("connection-lifetime", SECOND, YEAR),
        ticker.duration("stop-deadline", Duration.ofMillis(100), Duration.ofHours(1)),
        AdminConfig.read(ticker),
        PageConfig.read(ticker));
  }

  /**
   * The same for the daemon. A command that does not show the page needs not know its token, and
   * whoever runs {@code status} may have none.
   */
  public static TickerConfig readForDaemon(Section root) {
    var config = read(root);
    config.page().requireToken(root.section("ticker"));
    return config;
  }

  private static Map<Watched, Long> limits(Section alarms) {
    var limits = new EnumMap<Watched, Long>(Watched.class);
    for (var watched : Watched.values()) {
      limits.put(watched, watched.limit(alarms));
    }
    return limits;
  }

  private static Map<NamePattern, Duration> periods(Section ticker) {
    var section = ticker.section("periods");
    var periods = new HashMap<NamePattern, Duration>();
    for (var pattern : section.keys()) {
      periods.put(new NamePattern(pattern), section.duration(pattern, SHORTEST, LONGEST));
    }
    return periods;
  }

  /** No need to count more of a queue's retried events: well beyond the limit. */
  long mostEventsToCount() {
    return 10 * limits.getOrDefault(Watched.RETRY_QUEUE, 0L);
  }

  /** How often a database is looked at; where several patterns fit, the shortest period counts. */
  public Duration period(Database database) {
    return periods.entrySet().stream()
        .filter(entry -> entry.getKey().fits(database.id()))
        .map(Map.Entry::getValue)
        .min(Comparator.naturalOrder())
        .orElse(defaultPeriod);
  }
}
