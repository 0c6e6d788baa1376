package io.github.pgqfleet.ticker;

import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.function.ObjLongConsumer;
import org.postgresql.PGStatement;

/**
 * {@code pgq.ticker(queue)} on several queues, and NOTIFY for those that got a tick, in one round
 * trip and one transaction. The session is in autocommit mode. As thread-safe as its connection:
 * not.
 */
final class TickCall {

  private static final String NAMED = "queue_name = any (?::text[])";
  private static final String ALL = "not queue_external_ticker and not queue_ticker_paused";

  /**
   * One number is enough to let PgQ see that there are events, and many are what brings a tick
   * before ticker_max_lag has passed: pgq.force_tick() adds twice ticker_max_count and 1000.
   */
  private static final String MOVE =
      """
      select queue_name,
             case when now() - tick_time >= queue_ticker_max_lag
                  then sign(nextval(to_regclass(pgq.quote_fqname(queue_event_seq))))::int8
                  else queue_ticker_max_count * 2 + 1001 + 0 * pgq.force_tick(queue_name)
             end as moved_by
        from pgq.queue
        join lateral (
          select tick_time from pgq.tick
           where tick_queue = queue_id
           order by tick_queue desc, tick_id desc limit 1) newest on true
       where queue_name = any (?::text[]);
      """;

  private final Connection connection;
  private final ObjLongConsumer<String> moved;

  /**
   * @param moved is told of each queue whose event sequence was moved, and by how much: so many
   *     events are none
   */
  TickCall(Connection connection, ObjLongConsumer<String> moved) {
    this.connection = connection;
    this.moved = moved;
  }

  /**
   * Ticks these queues.
   *
   * @param overlooked those of them that have events which PgQ does not see
   * @return the queues that got a tick; when one fails, none has
   */
  List<String> tick(Collection<String> queues, Collection<String> overlooked, boolean notify)
      throws SQLException {
    var tick = sql(notify, NAMED);
    try (var statement = connection.prepareStatement(overlooked.isEmpty() ? tick : MOVE + tick)) {
      // The driver keeps it prepared: it comes again and again.
      statement.unwrap(PGStatement.class).setPrepareThreshold(1);
      var parameter = 1;
      if (!overlooked.isEmpty()) {
        statement.setArray(parameter++, array(overlooked));
      }
      statement.setArray(parameter, array(queues));
      statement.execute();
      if (!overlooked.isEmpty()) {
        tellMoved(statement);
        statement.getMoreResults();
      }
      return ticked(statement);
    }
  }

  /** Ticks all queues that are due, in a session that does it but once. */
  List<String> tickAll(boolean notify) throws SQLException {
    try (var statement = connection.prepareStatement(sql(notify, ALL))) {
      statement.execute();
      return ticked(statement);
    }
  }

  private void tellMoved(PreparedStatement statement) throws SQLException {
    try (var rows = statement.getResultSet()) {
      while (rows.next()) {
        moved.accept(rows.getString(1), rows.getLong(2));
      }
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

  private static String sql(boolean notify, String queues) {
    return """
    select queue_name%s
      from (select queue_name, pgq.ticker(queue_name) as tick_id
              from pgq.queue where %s offset 0) ticked
     where tick_id is not null\
    """
        .formatted(notify ? ", pg_notify('pgq_tick', queue_name)" : "", queues);
  }

  private Array array(Collection<String> queues) throws SQLException {
    return connection.createArrayOf("text", queues.toArray());
  }
}
