package io.github.pgqfleet.ticker.page;

import com.fasterxml.jackson.annotation.JsonIgnore;
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
   * One queue, as it goes into JSON: what is nothing is left out. Times are in milliseconds since
   * 1970 by this host's clock, so that the page can count on by itself.
   *
   * @param untickedBy {@code paused} or {@code external} when this ticker is not to tick it
   * @param eventId where its event sequence stands
   * @param unticked events since its newest tick, by the sequence
   * @param consumer the one that is farthest behind; null when none is
   * @param waiting events that it has not finished, by the sequence
   * @param waitsSince since when the oldest of them has waited; null when none does
   */
  record Queue(
      String name,
      @JsonInclude(JsonInclude.Include.NON_DEFAULT) @Nullable String untickedBy,
      @JsonIgnore long eventId,
      @JsonInclude(JsonInclude.Include.NON_DEFAULT) long unticked,
      @JsonInclude(JsonInclude.Include.NON_DEFAULT) @Nullable String consumer,
      @JsonInclude(JsonInclude.Include.NON_DEFAULT) long waiting,
      @JsonInclude(JsonInclude.Include.NON_DEFAULT) @Nullable Long waitsSince) {

    private boolean isOpen() {
      return unticked > 0 || waitsSince != null;
    }
  }

  Survey {
    queues = List.copyOf(queues);
  }

  /** Whether there is any event that has no tick, or that a consumer has not finished. */
  boolean isAnyOpen() {
    return queues.stream().anyMatch(Queue::isOpen);
  }

  /** Whether any event has waited for its consumer since then, or longer. */
  boolean hasWaitedSince(Instant then) {
    return queues.stream()
        .anyMatch(queue -> queue.waitsSince != null && queue.waitsSince <= then.toEpochMilli());
  }

  /** Whether the page would look the same with the other one. */
  boolean looksLike(Survey other) {
    return !isAnyOpen() && !other.isAnyOpen() && shown().equals(other.shown());
  }

  private List<String> shown() {
    return queues.stream().map(queue -> queue.name() + " " + queue.untickedBy()).toList();
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
    var waiting = row.getLong("waiting");
    var seconds = row.getDouble("waits_for");
    var waits = !row.wasNull();
    return new Queue(
        row.getString("queue_name"),
        row.getString("unticked_by"),
        row.getLong("event_id"),
        row.getLong("unticked"),
        waits || waiting > 0 ? row.getString("consumer") : null,
        waiting,
        waits ? Long.valueOf(now.toEpochMilli() - (long) (seconds * 1000)) : null);
  }
}
