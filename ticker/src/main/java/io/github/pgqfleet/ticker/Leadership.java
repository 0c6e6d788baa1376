package io.github.pgqfleet.ticker;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;

/**
 * Who ticks a database: session advisory locks in that database, taken without waiting. As
 * thread-safe as its connection: not.
 *
 * <p>The keys are the pairs ({@value #CLASS}, {@value #LEADER}), held exclusively by the session
 * that ticks, and ({@value #CLASS}, {@value #STANDBY}), shared by all sessions that would. They end
 * with the session.
 */
final class Leadership {

  /** The first half of both keys: "pgqf" in ASCII. */
  static final int CLASS = 0x70677166;

  /** The second half of the key that the leader holds. */
  static final int LEADER = 1;

  /** The second half of the key that standbys share. */
  static final int STANDBY = 2;

  private static final String STANDBY_IS_THERE =
      """
      select exists (
        select from pg_locks
         where locktype = 'advisory' and granted and objsubid = 2
           and classid = %d and objid = %d
           and database = (select oid from pg_database where datname = current_database())
           and pid <> pg_backend_pid())\
      """
          .formatted(CLASS, STANDBY);

  private final Connection connection;
  private final PreparedStatement tryLead;
  private boolean leads;
  private boolean standsBy;

  Leadership(Connection connection) throws SQLException {
    this.connection = connection;
    this.tryLead = connection.prepareStatement(call("pg_try_advisory_lock", LEADER));
  }

  /** Whether this session ticks the database, or may from now on. */
  boolean leads() throws SQLException {
    if (!leads) {
      leads = isTrue(tryLead);
      if (leads && standsBy) {
        ask(call("pg_advisory_unlock_shared", STANDBY));
        standsBy = false;
      }
    }
    return leads;
  }

  /** Shows the leader that somebody would take over. */
  void standBy() throws SQLException {
    if (!standsBy) {
      standsBy = ask(call("pg_try_advisory_lock_shared", STANDBY));
    }
  }

  /** Whether another session stands by. */
  boolean standbyIsThere() throws SQLException {
    return ask(STANDBY_IS_THERE);
  }

  /** Lets another session lead. */
  void release() throws SQLException {
    if (leads) {
      leads = false;
      ask(call("pg_advisory_unlock", LEADER));
    }
  }

  private static String call(String function, int key) {
    return "select " + function + "(" + CLASS + ", " + key + ")";
  }

  private boolean ask(String sql) throws SQLException {
    try (var statement = connection.prepareStatement(sql)) {
      return isTrue(statement);
    }
  }

  private static boolean isTrue(PreparedStatement statement) throws SQLException {
    try (var row = statement.executeQuery()) {
      return row.next() && row.getBoolean(1);
    }
  }
}
