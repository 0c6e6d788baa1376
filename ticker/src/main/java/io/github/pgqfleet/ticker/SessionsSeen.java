package io.github.pgqfleet.ticker;

import io.github.pgqfleet.sql.ApplicationNames;
import io.github.pgqfleet.sql.SqlScript;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGStatement;

/**
 * What the sessions of a server tell of transactions that have ended, at a fifth of what {@code
 * pg_stat_activity} costs. Tickers' own sessions do not count, nor those of movers where these only
 * read, nor autovacuum, which writes no events, nor parallel workers, which have a leader. As
 * thread-safe as its connection: not.
 */
final class SessionsSeen {

  private static final String NOT_COUNTED =
      """
      application_name like '%s%%'
        and usesysid = (select oid from pg_roles where rolname = current_user)
      or backend_type in ('autovacuum worker', 'parallel worker', 'walsender')\
      """
          .formatted(ApplicationName.TICKING);

  private static final String NOT_COUNTED_WITH_MOVERS =
      NOT_COUNTED + "\nor application_name like '%s%%'".formatted(ApplicationNames.MOVER);

  private static final String SQL = SqlScript.load(SessionsSeen.class, "sessions.sql");

  /** A session may take another name, as those behind a pooler do. */
  private static final Duration KNOWN_FOR = Duration.ofSeconds(10);

  /** So many newcomers cost as much as to get to know all. */
  private static final int MANY = 20;

  private final Connection connection;
  private final String notCounted;
  private final PreparedStatement look;
  private @Nullable Array known;
  private @Nullable OffsetDateTime knownAt;
  private long learned;
  private long newcomers;

  /**
   * @param moversWrite whether movers write into the databases that matter
   */
  SessionsSeen(Connection connection, boolean moversWrite) throws SQLException {
    this.connection = connection;
    this.notCounted = moversWrite ? NOT_COUNTED : NOT_COUNTED_WITH_MOVERS;
    this.look = connection.prepareStatement(SQL.formatted(notCounted));
    look.unwrap(PGStatement.class).setPrepareThreshold(1);
  }

  /**
   * What was seen.
   *
   * @param texts of each database that has sessions, by its oid; another one when a transaction may
   *     have ended there
   * @param unseen databases of which a session cannot be seen
   * @param anyInTransaction whether any is in a transaction, or was a moment ago
   */
  record Seen(Map<Long, String> texts, Set<Long> unseen, boolean anyInTransaction) {}

  Seen look() throws SQLException {
    if (known == null || newcomers >= MANY || System.nanoTime() - learned > KNOWN_FOR.toNanos()) {
      learn();
    }
    look.setObject(1, knownAt);
    look.setArray(2, known);
    var texts = new HashMap<Long, String>();
    var unseen = new HashSet<Long>();
    var anyInTransaction = false;
    newcomers = 0;
    try (var rows = look.executeQuery()) {
      while (rows.next()) {
        var database = rows.getLong("datid");
        texts.put(database, rows.getString("seen"));
        if (rows.getBoolean("unseen")) {
          unseen.add(database);
        }
        anyInTransaction |= rows.getBoolean("in_transaction");
        newcomers += rows.getLong("newcomers");
      }
    }
    return new Seen(texts, unseen, anyInTransaction);
  }

  /** A process that has got the id of one that has ended since is younger, and so not known. */
  private void learn() throws SQLException {
    learned = System.nanoTime();
    try (var statement = connection.createStatement();
        var row =
            statement.executeQuery(
                """
                select now(), coalesce(array_agg(pid) filter (where %s), '{}')
                  from pg_stat_get_activity(null)\
                """
                    .formatted(notCounted))) {
      row.next();
      knownAt = row.getObject(1, OffsetDateTime.class);
      known = row.getArray(2);
    }
  }
}
