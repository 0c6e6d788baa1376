package io.github.pgqfleet.mover;

import io.github.pgqfleet.pgq.Pgq;
import io.github.pgqfleet.pgq.Tick;
import io.github.pgqfleet.sql.ApplicationNames;
import io.github.pgqfleet.sql.Database;
import io.github.pgqfleet.sql.Sessions;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * How far the consumer of a source queue is, by the source alone. Immutable.
 *
 * @param lastTick the tick up to which the consumer has finished; empty when it is not registered
 * @param pendingEvents an estimate, from the event sequence
 * @param lagSeconds age of that tick
 * @param leader the id of the mover that leads the database, empty when none does
 */
record SourceLag(
    SourceQueue queue,
    Optional<Tick> lastTick,
    long pendingEvents,
    double lagSeconds,
    String leader) {

  private static final String SQL =
      """
      select q.queue_name, t.tick_id, t.tick_time, t.tick_event_seq,
             coalesce(pgq.seq_getval(q.queue_event_seq) - t.tick_event_seq, 0) as pending,
             coalesce(extract(epoch from now() - t.tick_time), 0)::float8 as lag,
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
        left join pgq.tick t on t.tick_queue = q.queue_id and t.tick_id = s.sub_last_tick
       where q.queue_name = ?"""
          .formatted(ApplicationNames.MOVER);

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
            lags.add(read(queue, rows));
          }
        }
      }
      return lags;
    }
  }

  private static SourceLag read(SourceQueue queue, ResultSet row) throws SQLException {
    var registered = row.getObject("tick_id") != null;
    return new SourceLag(
        queue,
        registered
            ? Optional.of(
                new Tick(
                    row.getLong("tick_id"),
                    Pgq.instant(row, row.findColumn("tick_time")),
                    row.getLong("tick_event_seq")))
            : Optional.empty(),
        row.getLong("pending"),
        row.getDouble("lag"),
        row.getString("leader"));
  }
}
