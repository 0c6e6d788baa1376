package io.github.pgqfleet.mover;

import io.github.pgqfleet.sql.Quoting;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import org.postgresql.PGStatement;

/**
 * The events of open batches of several queues in one statement, which the server plans once; of a
 * batch each that lies whole in its queue's present event table, as nearly all do. It selects what
 * {@code pgq.batch_event_sql} selects, whose text is another for each batch, so that planning it
 * takes longer than reading a few events. Good until PgQ rotates a queue's tables; then it leaves
 * that queue's batches out. Immutable.
 */
final class JointQuery {

  /**
   * What an event takes in memory beside its columns, about: as the driver has read it, and as a
   * row. The columns themselves are there twice.
   */
  static final int EVENT_OVERHEAD = 512;

  /** Where an event's columns stand in a row of the answer, and how many they are. */
  private static final int FIRST_COLUMN = 5;

  private static final int COLUMNS = 7;

  private static final String PRESENT_TABLES =
      """
      select queue_name, queue_data_pfx || '_' || queue_cur_table,
             pgq.quote_fqname(queue_data_pfx || '_' || queue_cur_table)
        from pgq.queue where queue_name = any(?)""";

  private final List<SourceQueue> queues;
  private final String sql;

  private JointQuery(List<SourceQueue> queues, String sql) {
    this.queues = List.copyOf(queues);
    this.sql = sql;
  }

  /** For some queues of the database, those that are there. */
  static JointQuery of(Connection source, List<SourceQueue> queues) throws SQLException {
    var tables = presentTables(source, queues);
    var known = new ArrayList<SourceQueue>();
    var batches = new ArrayList<String>();
    for (var queue : queues) {
      var table = tables.get(queue.queue());
      if (table != null) {
        batches.add(batch(source, batches.size(), queue, table));
        known.add(queue);
      }
    }
    return new JointQuery(known, together(batches));
  }

  private record Table(String name, String quoted) {}

  private static Map<String, Table> presentTables(Connection source, List<SourceQueue> queues)
      throws SQLException {
    try (var statement = source.prepareStatement(PRESENT_TABLES)) {
      var names = queues.stream().map(SourceQueue::queue).toArray();
      statement.setArray(1, source.createArrayOf("text", names));
      var tables = new LinkedHashMap<String, Table>();
      try (var rows = statement.executeQuery()) {
        while (rows.next()) {
          tables.put(rows.getString(1), new Table(rows.getString(2), rows.getString(3)));
        }
      }
      return tables;
    }
  }

  /**
   * An event's transaction had not ended at the last tick, and had at the present one. Of those
   * that had begun before the last tick, the oldest is where to begin; an empty batch is a row
   * without an event, a batch that is not for here none.
   */
  private static String batch(Connection source, int number, SourceQueue queue, Table table)
      throws SQLException {
    return """
      select %1$d, %2$s, e.ev_id, %3$s
        from pgq.subscription s
        join pgq.tick last on last.tick_queue = s.sub_queue and last.tick_id = s.sub_last_tick
        join pgq.tick cur on cur.tick_queue = s.sub_queue and cur.tick_id = s.sub_next_tick
       cross join lateral (
         select coalesce(min(id), txid_snapshot_xmax(last.tick_snapshot)) as oldest
           from txid_snapshot_xip(last.tick_snapshot) as in_progress (id)
          where txid_visible_in_snapshot(id, cur.tick_snapshot)) since
        join pgq.queue q
          on q.queue_id = s.sub_queue
         and q.queue_data_pfx || '_' || q.queue_cur_table = %4$s
         and q.queue_switch_step2 < oldest
        left join lateral (
          select * from %5$s
           where ev_txid between oldest and txid_snapshot_xmax(cur.tick_snapshot)
             and txid_visible_in_snapshot(ev_txid, cur.tick_snapshot)
             and not txid_visible_in_snapshot(ev_txid, last.tick_snapshot)
             and (ev_owner is null or ev_owner = s.sub_id)
           limit ?) e on true
       where s.sub_batch = ?
         and txid_snapshot_xmax(last.tick_snapshot) - oldest < 10000 -- else it looks at too many
      """
        .formatted(
            number,
            queue.route().number(source),
            queue.origin().select(Quoting.literal(source, queue.id() + "/")),
            Quoting.literal(source, table.name()),
            table.quoted());
  }

  private static String together(List<String> batches) {
    return """
      with e (batch, queue, ev_id,
              ev_time, ev_type, ev_data, ev_extra1, ev_extra2, ev_extra3, ev_extra4)
        as materialized (
      %s)
      select fits, batch, queue, ev_id,
             timestamptz_send(ev_time),
             ev_type, ev_data, ev_extra1, ev_extra2, ev_extra3, ev_extra4
        from (
          select coalesce(
                   sum(%d + 2 * (coalesce(octet_length(ev_type), 0)
                                 + coalesce(octet_length(ev_data), 0)
                                 + coalesce(octet_length(ev_extra1), 0)
                                 + coalesce(octet_length(ev_extra2), 0)
                                 + coalesce(octet_length(ev_extra3), 0)
                                 + coalesce(octet_length(ev_extra4), 0))) <= ?, true)
            from e) size (fits)
        left join e on fits
       order by batch, queue, ev_id"""
        .formatted(String.join("union all\n", batches), EVENT_OVERHEAD);
  }

  List<SourceQueue> queues() {
    return queues;
  }

  /**
   * Reads batches.
   *
   * @param batches open ones, by their queues, which are among {@link #queues}
   * @param memory how many bytes the events may take
   * @return all events of a batch in their order, for each that is for here; empty when they do not
   *     fit
   */
  Optional<SequencedMap<SourceQueue, List<CopyRow>>> read(
      Connection source, Map<SourceQueue, Long> batches, int memory) throws SQLException {
    try (var statement = source.prepareStatement(sql)) {
      statement.unwrap(PGStatement.class).setPrepareThreshold(1);
      var parameter = 1;
      for (var queue : queues) {
        // The event sequence says little of a transaction that was long open. More do not fit.
        statement.setLong(parameter++, memory / EVENT_OVERHEAD + 1L);
        statement.setObject(parameter++, batches.get(queue), Types.BIGINT);
      }
      statement.setLong(parameter, memory);
      try (var rows = statement.executeQuery()) {
        return events(rows);
      }
    }
  }

  private Optional<SequencedMap<SourceQueue, List<CopyRow>>> events(ResultSet rows)
      throws SQLException {
    var events = new LinkedHashMap<SourceQueue, List<CopyRow>>();
    while (rows.next()) {
      if (!rows.getBoolean("fits")) {
        return Optional.empty();
      }
      var batch = rows.getInt("batch");
      if (!rows.wasNull()) {
        var ofBatch = events.computeIfAbsent(queues.get(batch), _ -> new ArrayList<>());
        rows.getLong("ev_id");
        if (!rows.wasNull()) {
          ofBatch.add(event(rows));
        }
      }
    }
    return Optional.of(events);
  }

  private static CopyRow event(ResultSet row) throws SQLException {
    var columns = new byte[COLUMNS][];
    for (int i = 0; i < COLUMNS; i++) {
      columns[i] = row.getBytes(FIRST_COLUMN + i);
    }
    return new CopyRow(row.getInt("queue"), BinaryCopy.row(columns), 0);
  }
}
