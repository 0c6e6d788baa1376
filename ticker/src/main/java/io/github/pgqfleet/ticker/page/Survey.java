package io.github.pgqfleet.ticker.page;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonInclude;
import io.github.pgqfleet.sql.SqlScript;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What one look at a database's queues has shown. Immutable.
 *
 * @param at when that was, by this host's clock
 * @param queues in the order of their names
 */
record Survey(Instant at, List<Queue> queues) {

  /** Selects a row for each queue of a database. Takes no transaction id. */
  static final String SQL = SqlScript.load(Survey.class, "survey.sql");

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

  /** Where the event sequences of the queues stand that are ticked here, all together. */
  long tickedEventIds() {
    return queues.stream()
        .filter(queue -> queue.untickedBy == null)
        .mapToLong(Queue::eventId)
        .sum();
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
   * Reads one queue of what {@link #SQL} selects.
   *
   * @param before how many columns of others come first
   * @param now the time, which goes with what is seen
   */
  static Queue queue(ResultSet row, int before, Instant now) throws SQLException {
    var waiting = row.getLong(before + 6);
    var seconds = row.getDouble(before + 7);
    var waits = !row.wasNull();
    return new Queue(
        row.getString(before + 1),
        row.getString(before + 2),
        row.getLong(before + 3),
        row.getLong(before + 4),
        waits || waiting > 0 ? row.getString(before + 5) : null,
        waiting,
        waits ? Long.valueOf(now.toEpochMilli() - (long) (seconds * 1000)) : null);
  }
}
