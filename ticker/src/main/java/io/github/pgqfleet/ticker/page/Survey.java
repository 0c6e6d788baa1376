package io.github.pgqfleet.ticker.page;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.github.pgqfleet.sql.SqlScript;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGStatement;

/**
 * What one look at a database's queues has shown. Immutable.
 *
 * @param at when that was, by this host's clock
 * @param queues in the order of their names
 */
record Survey(Instant at, List<Queue> queues) {

  private static final String SQL = SqlScript.load(Survey.class, "survey.sql");

  /** One that takes longer holds up the ticks. */
  private static final Duration LONGEST = Duration.ofSeconds(1);

  /**
   * One queue. Times are in milliseconds since 1970 by this host's clock, so that the page can
   * count on by itself.
   *
   * @param untickedBy {@code paused} or {@code external} when this ticker is not to tick it
   * @param eventId where its event sequence stands
   * @param unticked events since its newest tick, by the sequence
   * @param tickAt when its newest tick was made
   * @param consumer the one that is farthest behind; null when there is none
   * @param waiting events that it has not finished, by the sequence
   * @param waitsSince since when the oldest of them has waited; null when none does
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Queue(
      String name,
      @Nullable String untickedBy,
      long eventId,
      long unticked,
      @Nullable Long tickAt,
      @Nullable String consumer,
      long waiting,
      @Nullable Long waitsSince) {}

  Survey {
    queues = List.copyOf(queues);
  }

  /** Whether any consumer has something to do. */
  boolean isAnyWaiting() {
    return queues.stream().anyMatch(queue -> queue.waitsSince() != null);
  }

  /**
   * Looks at all queues of a database. Takes no transaction id.
   *
   * @param now the time, which goes with what is seen
   */
  static Survey take(Connection connection, Instant now) throws SQLException {
    try (var statement = connection.prepareStatement(SQL)) {
      statement.unwrap(PGStatement.class).setPrepareThreshold(1);
      statement.setQueryTimeout(Math.toIntExact(LONGEST.toSeconds()));
      try (var rows = statement.executeQuery()) {
        var queues = new ArrayList<Queue>();
        while (rows.next()) {
          queues.add(queue(rows, now));
        }
        return new Survey(now, queues);
      }
    }
  }

  private static Queue queue(ResultSet row, Instant now) throws SQLException {
    return new Queue(
        row.getString("queue_name"),
        row.getString("unticked_by"),
        row.getLong("event_id"),
        row.getLong("unticked"),
        ago(row, "tick_age", now),
        row.getString("consumer"),
        row.getLong("waiting"),
        ago(row, "waits_for", now));
  }

  private static @Nullable Long ago(ResultSet row, String column, Instant now) throws SQLException {
    var seconds = row.getDouble(column);
    return row.wasNull() ? null : Long.valueOf(now.toEpochMilli() - (long) (seconds * 1000));
  }
}
