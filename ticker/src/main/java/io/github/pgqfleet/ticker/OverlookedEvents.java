package io.github.pgqfleet.ticker;

import io.github.pgqfleet.sql.SqlScript;
import io.github.pgqfleet.ticker.TickLook.Quiet;
import io.github.pgqfleet.ticker.TickLook.Seen;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;
import org.postgresql.PGStatement;

/**
 * Finds events that are committed and yet new to nobody. PgQ counts new events by the event
 * sequence, which moves before the commit; so it overlooks those of a transaction that was open
 * when a tick was made, and the first of a fresh sequence. They would wait for an idle tick. But
 * what a tick sees is known by its snapshot, and a probe of the index on the events' transactions
 * finds what it does not.
 *
 * <p>A probe costs as much as the look, and most are not needed: when it finds nothing, and the
 * transactions are over that were open at a look before it, nothing can come until the sequence
 * moves. But, in theory, the events of a session that is held up from a tick to the next look
 * inside of {@code pgq.insert_event}, between taking the event's number and the transaction's;
 * these wait for the idle tick.
 *
 * <p>As thread-safe as its connection: not.
 */
final class OverlookedEvents {

  private static final String SQL = SqlScript.load(OverlookedEvents.class, "overlooked.sql");

  private static final String QUEUES =
      "select queue_id, pgq.quote_fqname(queue_data_pfx) from pgq.queue";

  private final Connection connection;
  private final Map<Integer, String> probes = new HashMap<>();
  private final Map<Integer, Known> known = new HashMap<>();

  /**
   * What is known of a queue as long as its sequence stays where it was.
   *
   * @param before at the first look at it
   */
  private record Known(Quiet before, boolean settled) {}

  OverlookedEvents(Connection connection) {
    this.connection = connection;
  }

  /** Whether there can be any in a queue, as far as is known without a probe. */
  boolean mayBeIn(Seen seen) {
    return seen.quiet().isPresent() && !known(seen.queueId(), seen.quiet().get()).settled();
  }

  /** Probes a queue that they may be in. */
  boolean areIn(Seen seen) throws SQLException {
    try (var probe = connection.prepareStatement(sql(seen.queueId()))) {
      // It comes again and again.
      probe.unwrap(PGStatement.class).setPrepareThreshold(1);
      try (var row = probe.executeQuery()) {
        if (!row.next()) {
          // Dropped at this moment.
          return false;
        }
        var found = row.getBoolean(1);
        if (!found) {
          var its = known(seen.queueId(), seen.quiet().orElseThrow());
          var settled = row.getLong(2) >= its.before().nextTxid();
          known.put(seen.queueId(), new Known(its.before(), settled));
        }
        return found;
      }
    }
  }

  private Known known(int queueId, Quiet now) {
    var its = known.get(queueId);
    return its != null && its.before().eventId() == now.eventId() ? its : new Known(now, false);
  }

  /** The probe of a queue. */
  String sql(int queueId) throws SQLException {
    if (!probes.containsKey(queueId)) {
      readProbes();
    }
    return probes.getOrDefault(queueId, "select where false");
  }

  private void readProbes() throws SQLException {
    probes.clear();
    try (var query = connection.createStatement();
        var rows = query.executeQuery(QUEUES)) {
      while (rows.next()) {
        probes.put(
            rows.getInt(1),
            SQL.replace("QUEUE", rows.getString(1)).replace("EVENTS", rows.getString(2)));
      }
    }
  }
}
