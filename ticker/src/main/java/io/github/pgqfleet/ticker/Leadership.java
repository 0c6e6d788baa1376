package io.github.pgqfleet.ticker;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;

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

  /** True when the session leads from now on: what {@link #leads} asks. */
  static final String TRY_LEAD = call("pg_try_advisory_lock", LEADER);

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

  /**
   * A leader says something with each beat of its pulse, in another session of the same name on the
   * same server; and now and then in each session. One that does not is frozen, or cut off from the
   * server, which keeps its session and so its lock.
   */
  private static final String END_SILENT_LEADER =
      """
      select pg_terminate_backend(leader.pid)
        from pg_locks join pg_stat_activity leader using (pid)
       where locktype = 'advisory' and granted and objsubid = 2
         and classid = %d and objid = %d
         and database = (select oid from pg_database where datname = current_database())
         and leader.state = 'idle'
         and (leader.state_change < clock_timestamp() - ?::float8 * interval '1 s'
              or not exists (
                select from pg_stat_activity its
                 where its.application_name = leader.application_name
                   and its.client_addr is not distinct from leader.client_addr
                   and its.state_change > clock_timestamp() - ?::float8 * interval '1 s'))\
      """
          .formatted(CLASS, LEADER);

  private final Connection connection;
  private final PreparedStatement tryLead;
  private boolean leads;
  private boolean standsBy;

  Leadership(Connection connection) throws SQLException {
    this.connection = connection;
    this.tryLead = connection.prepareStatement("select " + TRY_LEAD);
  }

  /** Whether this session ticks the database, or may from now on. */
  boolean leads() throws SQLException {
    if (!leads) {
      leads = isTrue(tryLead);
      if (leads && standsBy) {
        ask("select " + call("pg_advisory_unlock_shared", STANDBY));
        standsBy = false;
      }
    }
    return leads;
  }

  /** Shows the leader that somebody would take over. */
  void standBy() throws SQLException {
    if (!standsBy) {
      standsBy = ask("select " + call("pg_try_advisory_lock_shared", STANDBY));
    }
  }

  /** Whether another session stands by. */
  boolean standbyIsThere() throws SQLException {
    return ask(STANDBY_IS_THERE);
  }

  /**
   * Ends the leader's session when its process has said nothing on this server for so long. It is
   * another's of the same role, so that this takes no privilege.
   *
   * @param sessionSilence after which the session itself counts as dead, whatever its process says
   * @return whether there was such a one
   */
  boolean endSilentLeader(Duration silence, Duration sessionSilence) throws SQLException {
    try (var statement = connection.prepareStatement(END_SILENT_LEADER)) {
      statement.setDouble(1, sessionSilence.toMillis() / 1000.0);
      statement.setDouble(2, silence.toMillis() / 1000.0);
      return isTrue(statement);
    }
  }

  /** Lets another session lead. */
  void release() throws SQLException {
    if (leads) {
      leads = false;
      ask("select " + call("pg_advisory_unlock", LEADER));
    }
  }

  private static String call(String function, int key) {
    return function + "(" + CLASS + ", " + key + ")";
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
