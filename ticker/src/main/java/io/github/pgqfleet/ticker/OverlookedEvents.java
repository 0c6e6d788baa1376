package io.github.pgqfleet.ticker;

import io.github.pgqfleet.sql.SqlScript;
import io.github.pgqfleet.ticker.TickLook.Seen;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Finds events that are committed and yet new to nobody. PgQ counts new events by the event
 * sequence, which moves before the commit; so it overlooks those of a transaction that was open
 * when a tick was made, those that a retry puts back with their old number, and the first of a
 * fresh sequence. They would wait for an idle tick. But what a tick sees is known by its snapshot,
 * and a probe of the index on the events' transactions finds what it does not.
 *
 * <p>A probe costs more than all the rest of a look, and most are not needed: once the transactions
 * that had taken a number from the sequence are over, and a later probe finds nothing, nothing can
 * come until the sequence moves. Retries alone are an exception; {@link #expectRetries} says that
 * there may be some. Those of another ticker's maintenance wait for the idle tick.
 *
 * <p>As thread-safe as its connection: not.
 */
final class OverlookedEvents {

  private static final String SQL = SqlScript.load(OverlookedEvents.class, "overlooked.sql");

  private static final String QUEUES =
      "select queue_id, quote_literal(queue_event_seq), pgq.quote_fqname(queue_data_pfx)"
          + " from pgq.queue";

  private final Connection connection;
  private final Map<Integer, String> probes = new HashMap<>();
  private final Map<Integer, Known> known = new HashMap<>();

  /** What is known of a queue as long as its sequence stays where it was. */
  private record Known(long eventId, boolean settled) {}

  OverlookedEvents(Connection connection) {
    this.connection = connection;
  }

  /** Retried events may come, or have come: what is known of the queues counts no more. */
  void expectRetries() {
    known.clear();
  }

  /** Whether there can be any in a queue, as far as is known without a probe. */
  boolean mayBeIn(Seen seen) {
    if (seen.quietAt().isEmpty()) {
      return false;
    }
    var its = known.get(seen.queueId());
    return its == null || !its.settled() || its.eventId() != seen.quietAt().getAsLong();
  }

  /**
   * Probes these queues.
   *
   * @return the names of those that have some
   */
  Set<String> in(Collection<Seen> queues) throws SQLException {
    var byId = queues.stream().collect(Collectors.toMap(Seen::queueId, seen -> seen));
    var sql = sql(byId.keySet());
    if (sql.isEmpty()) {
      return Set.of();
    }
    var found = new HashSet<String>();
    try (var statement = connection.prepareStatement(sql);
        var rows = statement.executeQuery()) {
      while (rows.next()) {
        var seen = Objects.requireNonNull(byId.get(rows.getInt(1)));
        if (rows.getBoolean(2)) {
          found.add(seen.queue());
          known.remove(seen.queueId());
        } else if (!rows.getBoolean(3)) {
          nothingIsOpen(seen.queueId(), seen.quietAt().orElseThrow());
        }
      }
    }
    return found;
  }

  /** The probes of these queues; of those that were dropped meanwhile none. */
  String sql(Set<Integer> queueIds) throws SQLException {
    if (!probes.keySet().containsAll(queueIds)) {
      readProbes();
    }
    return queueIds.stream()
        .sorted()
        .filter(probes::containsKey)
        .map(id -> "(" + probes.get(id) + ")")
        .collect(Collectors.joining(" union all "));
  }

  /**
   * The transactions before are over, but this probe's snapshot is older than that is known: the
   * next probe settles it.
   */
  private void nothingIsOpen(int queueId, long eventId) {
    var before = known.get(queueId);
    known.put(queueId, new Known(eventId, before != null && before.eventId() == eventId));
  }

  private void readProbes() throws SQLException {
    probes.clear();
    try (var query = connection.createStatement();
        var rows = query.executeQuery(QUEUES)) {
      while (rows.next()) {
        probes.put(
            rows.getInt(1),
            SQL.replace("QUEUE", rows.getString(1))
                .replace("SEQUENCE", rows.getString(2))
                .replace("EVENTS", rows.getString(3)));
      }
    }
  }
}
