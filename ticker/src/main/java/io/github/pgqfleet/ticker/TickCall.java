package io.github.pgqfleet.ticker;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.Collection;
import org.postgresql.PGStatement;

/**
 * {@code pgq.ticker(queue)} on several queues, and NOTIFY for those that got a tick, in one round
 * trip and one transaction. The session is in autocommit mode. As thread-safe as its connection:
 * not.
 */
final class TickCall {

  private static final String TICKED =
      "(select queue, pgq.ticker(queue) as tick_id from unnest(?::text[]) queue offset 0) ticked";
  private static final String QUIETLY = "select tick_id is not null from " + TICKED;
  private static final String NOTIFYING =
      "select tick_id is not null,"
          + " case when tick_id is not null then pg_notify('pgq_tick', queue) end from "
          + TICKED;

  private final Connection connection;
  private final PreparedStatement quietly;
  private final PreparedStatement notifying;

  TickCall(Connection connection) throws SQLException {
    this.connection = connection;
    this.quietly = prepared(QUIETLY);
    this.notifying = prepared(NOTIFYING);
  }

  /** How many of the queues got a tick; when one fails, none has. */
  int tick(Collection<String> queues, boolean notify) throws SQLException {
    var statement = notify ? notifying : quietly;
    statement.setArray(1, connection.createArrayOf("text", queues.toArray()));
    try (var rows = statement.executeQuery()) {
      var ticks = 0;
      while (rows.next()) {
        ticks += rows.getBoolean(1) ? 1 : 0;
      }
      return ticks;
    }
  }

  private PreparedStatement prepared(String sql) throws SQLException {
    var statement = connection.prepareStatement(sql);
    statement.unwrap(PGStatement.class).setPrepareThreshold(1);
    return statement;
  }
}
