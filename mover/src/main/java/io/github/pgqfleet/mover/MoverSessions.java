package io.github.pgqfleet.mover;

import io.github.pgqfleet.sql.Sessions;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The movers' sessions in a database, which one of them leads: it holds a session advisory lock
 * there. Stateless.
 */
final class MoverSessions {

  private static final Logger log = LoggerFactory.getLogger(MoverSessions.class);

  private static final String TRY_LEAD =
      "select pg_try_advisory_lock(hashtext('pgq_fleet mover'), hashtext(?))";

  /** Another's of the same role, so that this takes no privilege. */
  private static final String END =
      """
      select count(*)
        from pg_stat_activity,
             lateral (select pg_terminate_backend(pid)) ended
       where datname = current_database() and usename = current_user and application_name = any(?)""";

  private MoverSessions() {}

  /**
   * Sessions of a mover that moves. Its statements are few and the same all day: planned once, by
   * their indexes, however large a table has become. By itself PostgreSQL would plan those with
   * arrays each time anew, which takes longer than they do. The SQL of a batch is another each
   * time, and compiling it takes longer than reading its few events, where the planner, without
   * statistics yet, expects a million.
   */
  static Sessions moving(MoverId self) {
    return new Sessions(
        self.applicationName(),
        Map.of("plan_cache_mode", "force_generic_plan", "enable_seqscan", "off", "jit", "off"));
  }

  /** Takes the lock, which lasts as long as the session, unless another session has it. */
  static boolean tryLead(Connection connection, String consumer) throws SQLException {
    try (var statement = connection.prepareStatement(TRY_LEAD)) {
      statement.setString(1, consumer);
      try (var row = statement.executeQuery()) {
        return row.next() && row.getBoolean(1);
      }
    }
  }

  /**
   * Ends what is left of movers whose heartbeat is stale: one that is frozen, or cut off from its
   * server, keeps its locks there. One that was only thought dead reads the state again, and loses
   * nothing but time.
   *
   * @param dead the movers' ids
   */
  static void end(Connection connection, Set<String> dead) throws SQLException {
    if (dead.isEmpty()) {
      return;
    }
    var names = dead.stream().map(MoverId::applicationName).toArray(String[]::new);
    try (var statement = connection.prepareStatement(END)) {
      statement.setArray(1, connection.createArrayOf("text", names));
      try (var row = statement.executeQuery()) {
        if (row.next() && row.getLong(1) > 0) {
          log.warn(
              "database={} event=ended_sessions_of_dead_movers sessions={} movers={}",
              connection.getCatalog(),
              row.getLong(1),
              dead);
        }
      }
    }
  }
}
