package io.github.pgqfleet.mover;

import io.github.pgqfleet.sql.ApplicationNames;
import io.github.pgqfleet.sql.Database;
import io.github.pgqfleet.sql.Sessions;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/**
 * How far the consumer of a source queue is, by the source alone. Immutable.
 *
 * @param leader the id of the mover that leads the database, empty when none does
 */
record SourceLag(SourceQueue queue, SourceLook look, String leader) {

  private static final String SQL =
      """
      select %s,
             coalesce((select coalesce(substring(a.application_name from '%s(.*)'),
                                       a.application_name)
                         from pg_locks l join pg_stat_activity a using (pid)
                        where l.locktype = 'advisory' and l.granted
                          and l.database = (select oid from pg_database
                                             where datname = current_database())
                          and l.classid = hashtext('pgq_fleet mover')::oid
                          and l.objid = hashtext(?)::oid
                        limit 1), '') as leader
        from pgq.queue q
        left join pgq.consumer c on c.co_name = ?
        left join pgq.subscription s on s.sub_queue = q.queue_id and s.sub_consumer = c.co_id
        left join pgq.tick done on done.tick_queue = q.queue_id and done.tick_id = s.sub_last_tick
       where q.queue_name = ?"""
          .formatted(SourceLook.COLUMNS, ApplicationNames.MOVER);

  /** The configured queues of a source that exist. */
  static List<SourceLag> of(Database database, MoverConfig config, Sessions sessions)
      throws SQLException {
    try (var connection = sessions.open(database);
        var statement = connection.prepareStatement(SQL)) {
      var lags = new ArrayList<SourceLag>();
      for (var queue : config.queues(database)) {
        statement.setString(1, queue.consumer());
        statement.setString(2, queue.consumer());
        statement.setString(3, queue.queue());
        try (var rows = statement.executeQuery()) {
          if (rows.next()) {
            lags.add(new SourceLag(queue, SourceLook.read(rows), rows.getString("leader")));
          }
        }
      }
      return lags;
    }
  }
}
