package io.github.pgqfleet.mover;

import io.github.pgqfleet.sql.Database;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A point in the life of a source database, and whether everything that was committed before it has
 * been delivered, by the source's own facts. Not thread-safe.
 *
 * <p>A queue is beyond the point when the last tick that the consumer has finished was taken with a
 * snapshot that sees every transaction which was complete at the point. A transaction that was open
 * then does not count, however long it stays so.
 */
final class DrainPoint implements AutoCloseable {

  private static final String SNAPSHOT = "select txid_current_snapshot()::text";

  private static final String PENDING =
      """
      select wanted.queue_name, t.tick_id is null as unregistered
        from unnest(?) wanted(queue_name)
        left join pgq.queue q on q.queue_name = wanted.queue_name
        left join pgq.consumer c on c.co_name = ?
        left join pgq.subscription s on s.sub_queue = q.queue_id and s.sub_consumer = c.co_id
        left join pgq.tick t on t.tick_queue = s.sub_queue and t.tick_id = s.sub_last_tick,
             cast(? as txid_snapshot) point
       where t.tick_id is null
          or txid_snapshot_xmax(t.tick_snapshot) < txid_snapshot_xmax(point)
          or exists (select from txid_snapshot_xip(t.tick_snapshot) open(txid)
                      where txid_visible_in_snapshot(open.txid, point))""";

  private static final String MOVERS =
      """
      select count(*) from pg_stat_activity
       where datname = current_database() and application_name = any(?)""";

  private final Database database;
  private final Connection connection;
  private final MoverConfig config;
  private final String snapshot;

  /**
   * Takes the point: now.
   *
   * @param connection a session of its own in the source, which {@link #close} closes
   */
  DrainPoint(Database database, Connection connection, MoverConfig config) throws SQLException {
    this.database = database;
    this.connection = connection;
    this.config = config;
    try (var statement = connection.createStatement();
        var row = statement.executeQuery(SNAPSHOT)) {
      row.next();
      this.snapshot = row.getString(1);
    }
  }

  Database database() {
    return database;
  }

  /** The queues that are not beyond the point, and whether that is for want of a registration. */
  SortedMap<String, Boolean> pending() throws SQLException {
    var queues = config.queues(database).stream().map(SourceQueue::queue).toArray();
    try (var statement = connection.prepareStatement(PENDING)) {
      statement.setArray(1, connection.createArrayOf("text", queues));
      statement.setString(2, config.consumer());
      statement.setString(3, snapshot);
      try (var rows = statement.executeQuery()) {
        var pending = new TreeMap<String, Boolean>();
        while (rows.next()) {
          pending.put(rows.getString(1), rows.getBoolean(2));
        }
        return pending;
      }
    }
  }

  /**
   * Whether movers have sessions in the database. Those of dead ones are ended; nobody else would,
   * where nobody takes over.
   */
  boolean hasMovers(List<MoverRow> movers) throws SQLException {
    var dead = movers.stream().filter(m -> !m.alive()).map(MoverRow::id).toList();
    MoverSessions.end(connection, Set.copyOf(dead));
    var names = movers.stream().map(m -> MoverId.applicationName(m.id())).toArray();
    try (var statement = connection.prepareStatement(MOVERS)) {
      statement.setArray(1, connection.createArrayOf("text", names));
      try (var row = statement.executeQuery()) {
        return row.next() && row.getLong(1) > 0;
      }
    }
  }

  @Override
  public void close() throws SQLException {
    connection.close();
  }
}
