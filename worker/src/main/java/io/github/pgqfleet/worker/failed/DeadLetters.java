package io.github.pgqfleet.worker.failed;

import io.github.pgqfleet.pgq.Pgq;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The dead letters of a database, on one connection in autocommit mode. As thread-safe as that:
 * not.
 */
public final class DeadLetters {

  private static final String CHOSEN =
      """
        from pgq_fleet.dead_letter d
       where d.consumer_name = ?
         and d.id > ? and d.id <= ?
         and (cardinality(?::text[]) = 0 or d.queue_name = any (?::text[]))
         and (cardinality(?::int8[]) = 0 or d.ev_id = any (?::int8[]))
         and (cardinality(?::text[]) = 0 or d.ev_type = any (?::text[]))
         and (?::text is null or strpos(lower(d.error), lower(?::text)) > 0)
         and (?::timestamptz is null or d.failed_at >= ?::timestamptz)
         and (?::timestamptz is null or d.failed_at < ?::timestamptz)
      """;

  private static final String READ =
      """
      select d.id, d.queue_name, d.consumer_name, d.subconsumer_name, d.batch_id, d.attempts,
             d.failed_at, d.error, d.stack, d.ev_id, d.ev_time, d.ev_txid, d.ev_type, d.ev_data,
             d.ev_extra1, d.ev_extra2, d.ev_extra3, d.ev_extra4
      """;

  private final Connection connection;

  public DeadLetters(Connection connection) {
    this.connection = connection;
  }

  /** The id of the newest there is, 0 when there is none. */
  public long newest() throws SQLException {
    try (var statement = connection.createStatement();
        var row =
            statement.executeQuery("select coalesce(max(id), 0) from pgq_fleet.dead_letter")) {
      row.next();
      return row.getLong(1);
    } catch (SQLException e) {
      throw FailedEventsSql.explained(e);
    }
  }

  /** How many there are that the filter allows. */
  public long count(DeadLetterFilter filter) throws SQLException {
    try (var statement = chosen("select count(*)", "", filter, 0, Long.MAX_VALUE);
        var row = statement.executeQuery()) {
      row.next();
      return row.getLong(1);
    } catch (SQLException e) {
      throw FailedEventsSql.explained(e);
    }
  }

  /**
   * Some that the filter allows, the oldest first.
   *
   * @param after only those with a greater id
   * @param most how many at most; all are held in memory
   */
  public List<DeadLetter> read(DeadLetterFilter filter, long after, int most) throws SQLException {
    try (var statement = chosen(READ, limited(most), filter, after, Long.MAX_VALUE);
        var rows = statement.executeQuery()) {
      var letters = new ArrayList<DeadLetter>();
      while (rows.next()) {
        letters.add(letter(rows));
      }
      return letters;
    } catch (SQLException e) {
      throw FailedEventsSql.explained(e);
    }
  }

  /**
   * The ids of some that the filter allows, the lowest first.
   *
   * @param after only greater ids
   * @param last no greater ids
   */
  public List<Long> ids(DeadLetterFilter filter, long after, long last, int most)
      throws SQLException {
    try (var statement = chosen("select d.id", limited(most), filter, after, last);
        var rows = statement.executeQuery()) {
      var ids = new ArrayList<Long>();
      while (rows.next()) {
        ids.add(rows.getLong(1));
      }
      return ids;
    } catch (SQLException e) {
      throw FailedEventsSql.explained(e);
    }
  }

  /** {@code pgq_fleet.replay_dead_letters}: how many were handed back to their consumer. */
  public long replay(List<Long> ids) throws SQLException {
    return call("select pgq_fleet.replay_dead_letters(?)", ids);
  }

  /** {@code pgq_fleet.drop_dead_letters}: how many were deleted. */
  public long drop(List<Long> ids) throws SQLException {
    return call("select pgq_fleet.drop_dead_letters(?)", ids);
  }

  private long call(String sql, List<Long> ids) throws SQLException {
    try (var statement = connection.prepareStatement(sql)) {
      statement.setArray(1, connection.createArrayOf("int8", ids.toArray()));
      try (var row = statement.executeQuery()) {
        row.next();
        return row.getLong(1);
      }
    } catch (SQLException e) {
      throw FailedEventsSql.explained(e);
    }
  }

  private static String limited(int most) {
    return " order by d.id limit " + most;
  }

  private PreparedStatement chosen(
      String what, String how, DeadLetterFilter filter, long after, long last) throws SQLException {
    var statement = connection.prepareStatement(what + CHOSEN + how);
    statement.setString(1, filter.consumer());
    statement.setLong(2, after);
    statement.setLong(3, last);
    for (int twice = 0; twice < 2; twice++) {
      statement.setArray(4 + twice, array("text", filter.queues()));
      statement.setArray(6 + twice, array("int8", filter.eventIds()));
      statement.setArray(8 + twice, array("text", filter.types()));
      statement.setString(10 + twice, filter.error());
      statement.setObject(12 + twice, time(filter.since()));
      statement.setObject(14 + twice, time(filter.until()));
    }
    return statement;
  }

  private java.sql.Array array(String type, List<?> values) throws SQLException {
    return connection.createArrayOf(type, values.toArray());
  }

  private static @Nullable Object time(@Nullable Instant instant) {
    return instant == null ? null : Pgq.timestamptz(instant);
  }

  private static DeadLetter letter(ResultSet row) throws SQLException {
    return new DeadLetter(
        row.getLong(1),
        row.getString(2),
        row.getString(3),
        row.getString(4),
        row.getLong(5),
        row.getInt(6),
        Pgq.instant(row, 7),
        row.getString(8),
        row.getString(9),
        row.getLong(10),
        Pgq.instant(row, 11),
        row.getLong(12),
        row.getString(13),
        row.getString(14),
        row.getString(15),
        row.getString(16),
        row.getString(17),
        row.getString(18));
  }
}
