package io.github.pgqfleet.worker.coop;

import io.github.pgqfleet.worker.flow.PausedQueues;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * How far a consumer's sub-consumers are with a queue. Immutable.
 *
 * @param paused whether an operator has paused it
 * @param subconsumers how many are registered
 * @param openBatches how many of them have a batch
 * @param pendingEvents about how many events have a tick and are not in a finished batch; event
 *     sequences have gaps
 * @param lagSeconds age of the oldest tick up to which all is finished, in seconds
 */
public record GroupStatus(
    String queue,
    boolean paused,
    int subconsumers,
    int openBatches,
    long pendingEvents,
    double lagSeconds) {

  private static final String READ =
      """
      select q.queue_name, g.subconsumers, g.open_batches,
             newest.tick_event_seq - oldest.tick_event_seq,
             extract(epoch from now() - oldest.tick_time)::float8
        from pgq.consumer c
        join pgq.subscription m on m.sub_consumer = c.co_id
        join pgq.queue q on q.queue_id = m.sub_queue
       cross join lateral (
             select count(*) - 1 as subconsumers,
                    count(s.sub_batch) as open_batches,
                    min(s.sub_last_tick) as oldest_tick
               from pgq.subscription s
              where s.sub_id = m.sub_id) g
        join pgq.tick oldest
          on oldest.tick_queue = m.sub_queue and oldest.tick_id = g.oldest_tick
       cross join lateral (
             select t.tick_event_seq
               from pgq.tick t
              where t.tick_queue = m.sub_queue
              order by t.tick_queue desc, t.tick_id desc
              limit 1) newest
       where c.co_name = ?
       order by q.queue_name\
      """;

  /** Reads all queues on which the consumer is registered, in order. */
  public static List<GroupStatus> read(Connection connection, String consumer) throws SQLException {
    return read(connection, consumer, new PausedQueues(connection).of(consumer));
  }

  /**
   * The same, for one who has looked at that already.
   *
   * @param paused the queues that are paused
   */
  public static List<GroupStatus> read(Connection connection, String consumer, Set<String> paused)
      throws SQLException {
    try (var statement = connection.prepareStatement(READ)) {
      statement.setString(1, consumer);
      try (var rows = statement.executeQuery()) {
        var groups = new ArrayList<GroupStatus>();
        while (rows.next()) {
          groups.add(
              new GroupStatus(
                  rows.getString(1),
                  paused.contains(rows.getString(1)),
                  rows.getInt(2),
                  rows.getInt(3),
                  rows.getLong(4),
                  rows.getDouble(5)));
        }
        return groups;
      }
    }
  }
}
