package io.github.pgqfleet.ticker;

import io.github.pgqfleet.sql.Database;
import io.github.pgqfleet.sql.Sessions;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.postgresql.PGStatement;

/**
 * One session that sees in which databases of its server something may have been committed since it
 * last looked. As thread-safe as its connection: not.
 *
 * <p>Snapshots are the server's: while the text of the current one stays the same, no transaction
 * that writes has ended in any database. When it has changed, the sessions of each database tell
 * where: a transaction is committed by a session, and that shows, since each statement leaves its
 * time in {@code pg_stat_activity}, and a session leaves its counts in {@code pg_stat_database}
 * before it leaves the list. Whatever cannot be seen (a hidden session, tracking switched off, a
 * server older than PostgreSQL 15, which reports counts late) counts as a change.
 */
final class ServerLook implements AutoCloseable {

  private static final int COUNTS_IN_TIME = 15;

  private static final String SNAPSHOT = "select txid_current_snapshot()::text";

  /**
   * Tickers' own looks are no change; vacuum writes no events; a parallel worker has a leader. A
   * session at work may commit at any time.
   */
  private static final String ACTIVITY =
      """
      select datname,
             coalesce(bool_or(state is null or state in ('active', 'fastpath function call', 'disabled')),
                      false),
             sum(hashtextextended(concat_ws(' ', pid, backend_start, state_change, state), 0)::numeric)::text
        from pg_stat_activity
       where datname is not null
         and not (application_name like '%s%%' and usename = current_user)
         and backend_type is distinct from 'autovacuum worker'
         and backend_type is distinct from 'parallel worker'
         and backend_type is distinct from 'walsender'
       group by datname\
      """
          .formatted(ApplicationName.TICKING);

  /** Asked for after the sessions: one that is missing there is counted here. */
  private static final String COUNTS =
      "select datname, sessions || ' ' || tup_inserted || ' ' || tup_updated"
          + " from pg_stat_database where datname is not null";

  private final Connection connection;
  private final long systemIdentifier;
  private final boolean countsInTime;
  private final PreparedStatement snapshots;
  private String lastSnapshot = "";
  private Map<String, String> lastSeen = Map.of();

  /** Where something may have been committed. */
  @FunctionalInterface
  interface Changed {

    Changed NOWHERE = database -> false;
    Changed ANYWHERE = database -> true;

    boolean in(String database);
  }

  private ServerLook(Connection connection) throws SQLException {
    this.connection = connection;
    this.systemIdentifier = systemIdentifier(connection);
    this.countsInTime = connection.getMetaData().getDatabaseMajorVersion() >= COUNTS_IN_TIME;
    this.snapshots = prepared(SNAPSHOT);
  }

  /**
   * Opens a session.
   *
   * @param patience bound on waiting for an answer
   */
  static ServerLook open(Sessions sessions, Database database, Duration patience)
      throws SQLException {
    var connection = sessions.open(database);
    try {
      connection.setNetworkTimeout(Runnable::run, Math.toIntExact(patience.toMillis()));
      return new ServerLook(connection);
    } catch (SQLException e) {
      try (connection) {
        throw e;
      }
    }
  }

  /** What tells a server from all others, copies of its disk apart. */
  static long systemIdentifier(Connection connection) throws SQLException {
    try (var statement = connection.createStatement();
        var row = statement.executeQuery("select system_identifier from pg_control_system()")) {
      row.next();
      return row.getLong(1);
    }
  }

  long systemIdentifier() {
    return systemIdentifier;
  }

  /** What has changed since the last call; anything may have before the first. */
  Changed changed() throws SQLException {
    var snapshot = snapshot();
    if (snapshot.equals(lastSnapshot)) {
      return Changed.NOWHERE;
    }
    var first = lastSnapshot.isEmpty();
    lastSnapshot = snapshot;
    if (!countsInTime) {
      return Changed.ANYWHERE;
    }
    var busy = new HashMap<String, Boolean>();
    var seen = seen(busy);
    var before = lastSeen;
    lastSeen = seen;
    return first
        ? Changed.ANYWHERE
        : database ->
            busy.getOrDefault(database, false)
                || !before.getOrDefault(database, "").equals(seen.getOrDefault(database, ""));
  }

  private String snapshot() throws SQLException {
    try (var row = snapshots.executeQuery()) {
      row.next();
      return row.getString(1);
    }
  }

  /** What is seen of each database, in a form that can only be compared. */
  private Map<String, String> seen(Map<String, Boolean> busy) throws SQLException {
    var seen = new HashMap<String, String>();
    try (var statement = prepared(ACTIVITY);
        var rows = statement.executeQuery()) {
      while (rows.next()) {
        busy.put(rows.getString(1), rows.getBoolean(2));
        seen.put(rows.getString(1), rows.getString(3));
      }
    }
    try (var statement = prepared(COUNTS);
        var rows = statement.executeQuery()) {
      while (rows.next()) {
        seen.merge(rows.getString(1), rows.getString(2), (a, b) -> a + " " + b);
      }
    }
    return seen;
  }

  private PreparedStatement prepared(String sql) throws SQLException {
    var statement = connection.prepareStatement(sql);
    statement.unwrap(PGStatement.class).setPrepareThreshold(1);
    return statement;
  }

  @Override
  public void close() throws SQLException {
    connection.close();
  }
}
