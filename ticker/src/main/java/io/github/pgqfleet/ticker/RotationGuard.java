package io.github.pgqfleet.ticker;

import java.sql.Connection;
import java.sql.SQLException;

/**
 * Says whether a rotation may be completed now. A transaction whose snapshot is older than step 1
 * still writes into the old event table; when it does so after step 2, PgQ drops its events with
 * that table. As thread-safe as its connection: not.
 */
final class RotationGuard {

  /** Whether step 2 may be done. */
  sealed interface Verdict {

    /** No rotation waits for its step 2. */
    record NothingToDo() implements Verdict {}

    /** No snapshot is as old as step 1. */
    record Clear() implements Verdict {}

    /**
     * A session has an older snapshot.
     *
     * @param by the session, in words
     */
    record HeldBack(String by) implements Verdict {}
  }

  /**
   * Step 1's transaction id has 64 bits, {@code backend_xmin} 32: their ages compare. The age of
   * step 1 is counted from a point that is never later than that of age(), so that an error is on
   * the safe side. A backend that this role may not see counts as soon as it is in a transaction.
   * Vacuum and WAL senders write no events.
   */
  private static final String SQL =
      """
      with rotation as (
        select txid_snapshot_xmax(txid_current_snapshot()) - max(queue_switch_step1) as age
          from pgq.queue where queue_switch_step2 is null
      )
      select rotation.age is not null, older.session
        from rotation
        left join lateral (
          select format('pid %s (%s, %s)', pid, usename,
                        case when backend_type is null
                             then 'hidden from this role; grant it pg_monitor'
                             else coalesce(nullif(application_name, ''), backend_type) end)
                   as session
            from pg_stat_activity activity
           where datname = current_database()
             and pid <> pg_backend_pid()
             and backend_type is distinct from 'autovacuum worker'
             and backend_type is distinct from 'walsender'
             and case when backend_type is null
                      then exists (select from pg_locks
                                    where pg_locks.pid = activity.pid
                                      and locktype = 'virtualxid')
                      else age(backend_xmin) >= rotation.age end
           order by age(backend_xmin) desc nulls last
           limit 1) older on true\
      """;

  private final Connection connection;

  RotationGuard(Connection connection) {
    this.connection = connection;
  }

  /** Looks at all sessions in this database. */
  Verdict look() throws SQLException {
    try (var statement = connection.prepareStatement(SQL);
        var row = statement.executeQuery()) {
      if (!row.next() || !row.getBoolean(1)) {
        return new Verdict.NothingToDo();
      }
      var session = row.getString(2);
      return session == null ? new Verdict.Clear() : new Verdict.HeldBack(session);
    }
  }
}
