package io.github.pgqfleet.ticker;

import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.postgresql.PGStatement;

/**
 * {@code pgq.ticker(queue)} on several queues, and NOTIFY for those that got a tick, in one round
 * trip and one transaction. The session is in autocommit mode. As thread-safe as its connection:
 * not.
 */
final class TickCall {

  private static final String QUIETLY = sql("");
  private static final String NOTIFYING = sql(", pg_notify('pgq_tick', queue_name)");

  /** What moves a sequence lets PgQ see that there are events. */
  private static final String MOVE =
      "select nextval(to_regclass(pgq.quote_fqname(queue_event_seq))) from pgq.queue"
          + " where queue_name = any (?::text[]); ";

  private final Connection connection;
  private final PreparedStatement quietly;
  private final PreparedStatement notifying;

  TickCall(Connection connection) throws SQLException {
    this.connection = connection;
    this.quietly = prepared(QUIETLY);
    this.notifying = prepared(NOTIFYING);
  }

  /**
   * Ticks these queues.
   *
   * @param overlooked those of them whose event sequences are to be moved first
   * @return the queues that got a tick; when one fails, none has
   */
  List<String> tick(Collection<String> queues, Collection<String> overlooked, boolean notify)
      throws SQLException {
    if (overlooked.isEmpty()) {
      var statement = notify ? notifying : quietly;
      statement.setArray(1, array(queues));
      statement.execute();
      return ticked(statement);
    }
    try (var statement = connection.prepareStatement(MOVE + (notify ? NOTIFYING : QUIETLY))) {
      statement.setArray(1, array(overlooked));
      statement.setArray(2, array(queues));
      statement.execute();
      statement.getMoreResults();
      return ticked(statement);
    }
  }

  private static List<String> ticked(PreparedStatement statement) throws SQLException {
    try (var rows = statement.getResultSet()) {
      var ticked = new ArrayList<String>();
      while (rows.next()) {
        ticked.add(rows.getString(1));
      }
      return ticked;
    }
  }

  private static String sql(String forEachTick) {
    return """
    select queue_name%s
      from (select queue_name, pgq.ticker(queue_name) as tick_id
              from pgq.queue where queue_name = any (?::text[]) offset 0) ticked
     where tick_id is not null\
    """
        .formatted(forEachTick);
  }

  private Array array(Collection<String> queues) throws SQLException {
    return connection.createArrayOf("text", queues.toArray());
  }

  private PreparedStatement prepared(String sql) throws SQLException {
    var statement = connection.prepareStatement(sql);
    statement.unwrap(PGStatement.class).setPrepareThreshold(1);
    return statement;
  }
}
