package io.github.pgqfleet.ticker;

import io.github.pgqfleet.sql.SqlScript;
import io.github.pgqfleet.sql.SqlStates;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGStatement;

/**
 * The cheap look at a database: which of its queues want a tick, and in the same statement {@code
 * pgq.ticker(queue)} for those, where it is asked for. It takes no transaction id unless it makes a
 * tick. As thread-safe as its connection: not.
 *
 * <p>Events can be committed and yet be new to nobody. PgQ counts new events by the event sequence,
 * which moves before the commit; so it overlooks those of a transaction that was open when a tick
 * was made, those that a retry puts back with their old number, and the first of a fresh sequence.
 * They would wait for an idle tick. But what a tick sees is known by its snapshot, and one probe of
 * the index on the events' transactions finds what it does not.
 */
final class TickLook {

  private static final String SQL = SqlScript.load(TickLook.class, "look.sql");

  private static final String EVENT_TABLES =
      "select queue_name, queue_id, pgq.quote_fqname(queue_data_pfx) from pgq.queue";

  private final Connection connection;
  private Set<String> unprobed = Set.of();
  private @Nullable PreparedStatement atAll;

  /**
   * What the look says of a queue.
   *
   * @param due whether {@code pgq.ticker(queue)} would make a tick now
   * @param overlooked whether PgQ sees no new events, but there are
   * @param untilDue when it will be due by the clock, if nothing happens; zero when it is due
   * @param ticked whether it got a tick with this look
   */
  record Seen(String queue, boolean due, boolean overlooked, Duration untilDue, boolean ticked) {}

  /** What is done about a queue that is due. */
  private enum Then {
    NOTHING,
    TICK,
    TICK_AND_NOTIFY
  }

  TickLook(Connection connection) {
    this.connection = connection;
  }

  /** Looks at all queues but these. */
  List<Seen> atAllBut(Collection<String> queues) throws SQLException {
    return atAll(queues, Then.NOTHING);
  }

  /**
   * Looks at all queues, and ticks those that are due.
   *
   * @param notify whether NOTIFY goes with each tick, in its transaction
   * @throws SQLException when one of the queues fails; then none got a tick
   */
  List<Seen> tickingDue(boolean notify) throws SQLException {
    return atAll(List.of(), notify ? Then.TICK_AND_NOTIFY : Then.TICK);
  }

  private List<Seen> atAll(Collection<String> but, Then then) throws SQLException {
    var seen = atAll == null ? Optional.<List<Seen>>empty() : again(atAll, but, then);
    if (seen.isPresent()) {
      return seen.get();
    }
    atAll = prepare(null);
    // It runs all day: let the server plan it once.
    atAll.unwrap(PGStatement.class).setPrepareThreshold(1);
    // A queue that was created at this moment is seen by the next look.
    return run(atAll, but, null, then).orElse(List.of());
  }

  /** Looks at one queue, whatever is the matter with the others. */
  List<Seen> at(String queue) throws SQLException {
    try (var statement = prepare(queue)) {
      return run(statement, List.of(), queue, Then.NOTHING).orElse(List.of());
    }
  }

  /** Looks for no overlooked events in these queues, but in all others. */
  void leaveUnprobed(Set<String> queues) throws SQLException {
    if (!queues.equals(unprobed)) {
      unprobed = queues;
      if (atAll != null) {
        atAll.close();
        atAll = null;
      }
    }
  }

  /** Nothing when a queue was created or dropped since the statement was made. */
  private static Optional<List<Seen>> again(
      PreparedStatement look, Collection<String> but, Then then) throws SQLException {
    Optional<List<Seen>> seen = Optional.empty();
    try {
      seen = run(look, but, null, then);
    } catch (SQLException e) {
      if (!SqlStates.UNDEFINED_TABLE.equals(e.getSQLState())) {
        throw e;
      }
    }
    if (seen.isEmpty()) {
      look.close();
    }
    return seen;
  }

  /** Nothing when there is a queue that the statement does not know. */
  private static Optional<List<Seen>> run(
      PreparedStatement look, Collection<String> but, @Nullable String only, Then then)
      throws SQLException {
    var connection = look.getConnection();
    var onlyArray = only == null ? null : connection.createArrayOf("text", new Object[] {only});
    look.setArray(1, connection.createArrayOf("text", but.toArray()));
    look.setArray(2, onlyArray);
    look.setArray(3, onlyArray);
    look.setBoolean(4, then != Then.NOTHING);
    look.setBoolean(5, then == Then.TICK_AND_NOTIFY);
    try (var rows = look.executeQuery()) {
      var seen = new ArrayList<Seen>();
      while (rows.next()) {
        var overlooked = rows.getBoolean(3);
        if (rows.wasNull()) {
          return Optional.empty();
        }
        var untilDue = Duration.ofNanos((long) (rows.getDouble(4) * 1e9));
        seen.add(
            new Seen(
                rows.getString(1), rows.getBoolean(2), overlooked, untilDue, rows.getBoolean(5)));
      }
      return Optional.of(seen);
    }
  }

  private PreparedStatement prepare(@Nullable String only) throws SQLException {
    return connection.prepareStatement(sql(only));
  }

  /** The look at all queues, or with the probe of one alone. */
  String sql(@Nullable String only) throws SQLException {
    var probes = new StringBuilder();
    try (var query = connection.createStatement();
        var rows = query.executeQuery(EVENT_TABLES)) {
      while (rows.next()) {
        var queue = rows.getString(1);
        if (unprobed.contains(queue)) {
          probes.append("when ").append(rows.getInt(2)).append(" then false\n");
        } else if (only == null || only.equals(queue)) {
          probes.append(probe(rows.getInt(2), rows.getString(3)));
        }
      }
    }
    var cases = probes.isEmpty() ? "when 0 then false" : probes;
    return SQL.replace("PROBES", cases);
  }

  /**
   * Are there events of a transaction later than the tick's snapshot, or open in it? Nothing but
   * conditions on an index: a join would read all that rotation has not yet dropped.
   */
  private static String probe(int queueId, String eventTable) {
    return """
    when %1$d then
      exists (select from %2$s
               where ev_txid between txid_snapshot_xmax(tick_snapshot) and last_txid)
      or exists (select from %2$s
                  where ev_txid = any (array(select txid_snapshot_xip(tick_snapshot))))
    """
        .formatted(queueId, eventTable);
  }
}
