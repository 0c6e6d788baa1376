package io.github.pgqfleet.ticker;

import io.github.pgqfleet.config.QueueSettings;
import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** How the queues of a database differ from the configuration. Stateless. */
final class QueueDrift {

  private static final String SQL =
      """
      select queue_name, queue_ticker_paused, queue_external_ticker,
             queue_ticker_max_count::text,
             extract(epoch from queue_ticker_max_lag)::numeric,
             extract(epoch from queue_ticker_idle_period)::numeric,
             extract(epoch from queue_rotation_period)::numeric
        from pgq.queue\
      """;

  private QueueDrift() {}

  /**
   * One setting of {@code pgq.set_queue_config}.
   *
   * @param name without the prefix {@code queue_}
   * @param value as PostgreSQL reads it
   */
  record Setting(String name, String value) {}

  /** What is found of one configured queue. */
  sealed interface Found {

    String queue();

    /** The database has no such queue. */
    record Missing(String queue) implements Found {}

    /** The queue's setting is another than configured. */
    record Differs(String queue, Setting is, Setting shall) implements Found {}

    /** Nobody ticks the queue, because it was told so. */
    record NotTicked(String queue, boolean external) implements Found {}
  }

  /** Whether there are PgQ's tables to look into. */
  static boolean canBeFound(Connection connection) throws SQLException {
    try (var statement =
            connection.prepareStatement("select to_regclass('pgq.queue') is not null");
        var row = statement.executeQuery()) {
      return row.next() && row.getBoolean(1);
    }
  }

  /** Compares all configured queues; queues beyond those are nobody's business. */
  static List<Found> find(Connection connection, Map<String, QueueSettings> configured)
      throws SQLException {
    var found = new ArrayList<Found>();
    var present = new HashMap<String, List<Setting>>();
    try (var statement = connection.prepareStatement(SQL);
        var row = statement.executeQuery()) {
      while (row.next()) {
        var queue = row.getString(1);
        present.put(
            queue,
            settings(
                row.getString(4),
                duration(row.getBigDecimal(5)),
                duration(row.getBigDecimal(6)),
                duration(row.getBigDecimal(7))));
        if (configured.containsKey(queue) && (row.getBoolean(2) || row.getBoolean(3))) {
          found.add(new Found.NotTicked(queue, row.getBoolean(3)));
        }
      }
    }
    configured.forEach(
        (queue, settings) -> {
          var is = present.get(queue);
          if (is == null) {
            found.add(new Found.Missing(queue));
          } else {
            differences(queue, is, settings(settings), found);
          }
        });
    return found;
  }

  /** The settings of a queue, always in the same order. */
  static List<Setting> settings(QueueSettings settings) {
    return settings(
        Integer.toString(settings.tickerMaxCount()),
        settings.tickerMaxLag(),
        settings.tickerIdlePeriod(),
        settings.rotationPeriod());
  }

  private static void differences(
      String queue, List<Setting> is, List<Setting> shall, List<Found> found) {
    for (int i = 0; i < shall.size(); i++) {
      if (!is.get(i).equals(shall.get(i))) {
        found.add(new Found.Differs(queue, is.get(i), shall.get(i)));
      }
    }
  }

  private static List<Setting> settings(
      String maxCount, Duration maxLag, Duration idlePeriod, Duration rotationPeriod) {
    return List.of(
        new Setting("ticker_max_count", maxCount),
        new Setting("ticker_max_lag", text(maxLag)),
        new Setting("ticker_idle_period", text(idlePeriod)),
        new Setting("rotation_period", text(rotationPeriod)));
  }

  private static Duration duration(BigDecimal seconds) {
    return Duration.ofNanos(seconds.movePointRight(9).longValue());
  }

  /** Such as {@code 1m30s}, which PostgreSQL understands as an interval. */
  private static String text(Duration duration) {
    return duration.toString().substring(2).toLowerCase(Locale.ROOT);
  }
}
