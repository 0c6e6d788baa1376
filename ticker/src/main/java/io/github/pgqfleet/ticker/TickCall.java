package io.github.pgqfleet.ticker;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.postgresql.PGStatement;

/**
 * {@code pgq.ticker(queue)} on several queues, and NOTIFY for those that got a tick, in one round
 * trip and one transaction. The session is in autocommit mode. As thread-safe as its connection:
 * not.
 */
final class TickCall {

  private static final String QUIETLY = sql("");
  private static final String NOTIFYING = sql(", pg_notify('pgq_tick', queue_name)");

  private final Connection connection;
  private final PreparedStatement quietly;
  private final PreparedStatement notifying;

  /**
   * A queue that got a tick.
   *
   * @param holders the transactions that held its event sequence just before
   * @param eventId the sequence just after
   */
  record Ticked(String queue, Set<String> holders, long eventId) {}

  TickCall(Connection connection) throws SQLException {
    this.connection = connection;
    this.quietly = prepared(QUIETLY);
    this.notifying = prepared(NOTIFYING);
  }

  /** Which of the queues got a tick; when one fails, none has. */
  List<Ticked> tick(Collection<String> queues, boolean notify) throws SQLException {
    var statement = notify ? notifying : quietly;
    var names = connection.createArrayOf("text", queues.toArray());
    statement.setArray(1, names);
    statement.setArray(2, names);
    statement.execute();
    Map<String, Set<String>> holders;
    try (var rows = statement.getResultSet()) {
      holders = Straddlers.read(rows);
    }
    statement.getMoreResults();
    try (var rows = statement.getResultSet()) {
      var ticked = new ArrayList<Ticked>();
      while (rows.next()) {
        var queue = rows.getString(1);
        ticked.add(new Ticked(queue, holders.getOrDefault(queue, Set.of()), rows.getLong(2)));
      }
      return ticked;
    }
  }

  private static String sql(String forEachTick) {
    return Straddlers.HOLDERS
        + """
        ; select queue_name,
                 pg_sequence_last_value(to_regclass(pgq.quote_fqname(queue_event_seq)))%s
            from (select queue_name, queue_event_seq, pgq.ticker(queue_name) as tick_id
                    from pgq.queue where queue_name = any (?::text[]) offset 0) ticked
           where tick_id is not null\
        """
            .formatted(forEachTick);
  }

  private PreparedStatement prepared(String sql) throws SQLException {
    var statement = connection.prepareStatement(sql);
    statement.unwrap(PGStatement.class).setPrepareThreshold(1);
    return statement;
  }
}
