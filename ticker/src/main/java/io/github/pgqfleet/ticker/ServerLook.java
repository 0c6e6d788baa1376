package io.github.pgqfleet.ticker;

import io.github.pgqfleet.sql.Database;
import io.github.pgqfleet.sql.Sessions;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGStatement;

/**
 * One session that sees in which databases of its server something may have been committed since it
 * last looked. As thread-safe as its connection: not.
 *
 * <p>Snapshots are the server's: while the text of the current one stays the same, no transaction
 * that writes has ended in any database. When it has changed, the sessions of each database tell
 * where: a transaction is committed by a session, and that shows ({@link SessionsSeen}), and {@code
 * pg_stat_database} counts the sessions, also those that have left. Rows that were inserted tell of
 * what has no session of its own, such as a background worker. Whatever cannot be seen (a hidden
 * session, tracking switched off, a server older than PostgreSQL 15, which reports counts late)
 * counts as a change.
 */
final class ServerLook implements AutoCloseable {

  private static final int COUNTS_IN_TIME = 15;

  private static final String SNAPSHOT = "select txid_current_snapshot()::text";

  /** Asked for after the sessions: one that is missing there is counted here. */
  private static final String COUNTS =
      "select datid, datname, sessions, tup_inserted from pg_stat_database where datname is not null";

  private final Connection connection;
  private final long systemIdentifier;
  private final boolean countsInTime;
  private final PreparedStatement snapshots;
  private final SessionsSeen sessions;
  private String lastSnapshot = "";

  /** A commit counts before its session shows it; so that is looked at once more. */
  private boolean inDoubt;

  private Map<String, Seen> lastSeen = Map.of();

  /** Where something may have been committed. */
  @FunctionalInterface
  interface Changed {

    Changed NOWHERE = database -> false;
    Changed ANYWHERE = database -> true;

    boolean in(String database);
  }

  /**
   * What is seen of a database.
   *
   * @param sessions in a form that can only be compared
   * @param inserted rows that were inserted, in all
   * @param others rows of those that others have inserted, as far as is known: a ticker's session
   *     reports its ticks, each of which is a row, only some time after they were made
   */
  private record Seen(String sessions, long inserted, long others) {

    static final Seen NOTHING = new Seen("", 0, Long.MIN_VALUE);

    static Seen of(String sessions, long inserted, @Nullable Long ownTicks, Seen before) {
      if (ownTicks == null) {
        return new Seen(sessions, before.inserted, before.others);
      }
      var others = inserted - ownTicks;
      // The server forgets its counts when it crashes.
      var known = inserted < before.inserted ? Long.MIN_VALUE : before.others;
      return new Seen(sessions, inserted, Math.max(known, others));
    }

    boolean differsFrom(Seen before) {
      return !sessions.equals(before.sessions) || others != before.others;
    }
  }

  private ServerLook(Connection connection, boolean moversWrite) throws SQLException {
    this.connection = connection;
    this.systemIdentifier = systemIdentifier(connection);
    this.countsInTime = connection.getMetaData().getDatabaseMajorVersion() >= COUNTS_IN_TIME;
    this.snapshots = prepared(SNAPSHOT);
    this.sessions = new SessionsSeen(connection, moversWrite);
  }

  /**
   * Opens a session.
   *
   * @param patience bound on waiting for an answer
   * @param moversWrite whether movers write into the databases that matter, or only read there
   */
  static ServerLook open(
      Sessions sessions, Database database, Duration patience, boolean moversWrite)
      throws SQLException {
    var connection = sessions.open(database);
    try {
      connection.setNetworkTimeout(Runnable::run, Math.toIntExact(patience.toMillis()));
      return new ServerLook(connection, moversWrite);
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

  /**
   * What has changed since the last call; anything may have before the first.
   *
   * @param ownTicks says, for each database where this process makes no tick just now, how many it
   *     has made there
   */
  Changed changed(Supplier<Map<String, Long>> ownTicks) throws SQLException {
    var snapshot = snapshot();
    var again = snapshot.equals(lastSnapshot);
    if (again && !inDoubt) {
      return Changed.NOWHERE;
    }
    var first = lastSnapshot.isEmpty();
    lastSnapshot = snapshot;
    if (!countsInTime) {
      return Changed.ANYWHERE;
    }
    var its = sessions.look();
    inDoubt = its.anyInTransaction() && !again;
    var unseen = new HashSet<String>();
    var before = lastSeen;
    var seen = seen(its, unseen, ownTicks);
    lastSeen = seen;
    return first
        ? Changed.ANYWHERE
        : database ->
            unseen.contains(database)
                || !seen.containsKey(database)
                || seen.get(database).differsFrom(before.getOrDefault(database, Seen.NOTHING));
  }

  private String snapshot() throws SQLException {
    try (var row = snapshots.executeQuery()) {
      row.next();
      return row.getString(1);
    }
  }

  private Map<String, Seen> seen(
      SessionsSeen.Seen its, Set<String> unseen, Supplier<Map<String, Long>> ownTicks)
      throws SQLException {
    var seen = new HashMap<String, Seen>();
    try (var statement = prepared(COUNTS);
        var rows = statement.executeQuery()) {
      // What is counted by now was made by now.
      var ticks = ownTicks.get();
      while (rows.next()) {
        var id = rows.getLong(1);
        var name = rows.getString(2);
        if (its.unseen().contains(id)) {
          unseen.add(name);
        }
        seen.put(
            name,
            Seen.of(
                its.texts().getOrDefault(id, "none") + " of " + rows.getString(3),
                rows.getLong(4),
                ticks.get(name),
                lastSeen.getOrDefault(name, Seen.NOTHING)));
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
