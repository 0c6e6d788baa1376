package io.github.pgqfleet.mover;

import io.github.pgqfleet.sql.Quoting;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.postgresql.PGStatement;

/**
 * The events of open batches of several queues in one statement, which each session plans once.
 * Reads those batches that lie whole in their queue's present event table, as nearly all do, and of
 * these what {@code pgq.batch_event_sql} selects; its text is another for each batch, so that
 * planning it takes longer than reading a few events. Good until PgQ rotates a queue's tables; then
 * it leaves that queue's batches out. Immutable.
 */
final class JointQuery {

  /**
   * What an event takes in memory beside its columns, about: as the driver has read it, and as a
   * row. The columns themselves are there twice.
   */
  static final long EVENT_OVERHEAD = 512;

  /** Where an event's columns begin in a row of the answer. */
  private static final int FIRST_COLUMN = 5;

  /**
   * Transactions that began at most so many ids before the tick are sought in one range, as PgQ
   * does; older ones each by its id.
   */
  private static final int NEAR = 100;

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
      var tables = new HashMap<String, Table>();
      try (var rows = statement.executeQuery()) {
        while (rows.next()) {
          tables.put(rows.getString(1), new Table(rows.getString(2), rows.getString(3)));
        }
      }
      return tables;
    }
  }

  /**
   * An event's transaction had not ended at the last tick, and had at the present one. Nearly all
   * are found between two transaction ids; those that began long before the last tick, by their
   * own. An empty batch is a row without an event; a batch that is not for here is none. When one
   * is, is what PgQ itself goes by.
   */
  private static String batch(Connection source, int number, SourceQueue queue, Table table)
      throws SQLException {
    return """
      select %1$d, %2$s, e.ev_id, %3$s
        from pgq.subscription s
        join pgq.tick last on last.tick_queue = s.sub_queue and last.tick_id = s.sub_last_tick
        join pgq.tick cur on cur.tick_queue = s.sub_queue and cur.tick_id = s.sub_next_tick
        join pgq.queue q
          on q.queue_id = s.sub_queue
         and q.queue_data_pfx || '_' || q.queue_cur_table = %4$s
         and q.queue_switch_step2 < txid_snapshot_xmin(last.tick_snapshot)
       cross join lateral (
         select txid_snapshot_xmax(last.tick_snapshot) as next,
                txid_snapshot_xmax(cur.tick_snapshot) as upto) txids
       cross join lateral (
         select coalesce(min(id) filter (where id >= next - %6$d), next) as since,
                array_agg(id) filter (where id < next - %6$d) as long_before
           from txid_snapshot_xip(last.tick_snapshot) as in_progress (id)
          where txid_visible_in_snapshot(id, cur.tick_snapshot)) began
        left join lateral (
          select * from (
            select * from %5$s
             where ev_txid between since and upto
               and txid_visible_in_snapshot(ev_txid, cur.tick_snapshot)
               and not txid_visible_in_snapshot(ev_txid, last.tick_snapshot)
             union all
            select * from %5$s where ev_txid = any(long_before)) found
           where ev_owner is null or ev_owner = s.sub_id
           limit ?) e on true
       where s.sub_batch = ? and next <= upto
      """
        .formatted(
            number,
            queue.route().number(source),
            queue.origin().select(Quoting.literal(source, queue.id() + "/")),
            Quoting.literal(source, table.name()),
            table.quoted(),
            NEAR);
  }

  /** Of batches that do not fit together, the largest are left. */
  private static String together(List<String> batches) {
    return """
      with e (batch, queue, ev_id, %1$s) as materialized (
      %3$s),
      size as (
        select batch,
               coalesce(
                 sum(%4$d + 2 * (coalesce(octet_length(ev_type), 0)
                                 + coalesce(octet_length(ev_data), 0)
                                 + coalesce(octet_length(ev_extra1), 0)
                                 + coalesce(octet_length(ev_extra2), 0)
                                 + coalesce(octet_length(ev_extra3), 0)
                                 + coalesce(octet_length(ev_extra4), 0)))
                   filter (where ev_id is not null), 0) as bytes
          from e
         group by batch),
      fit as (select batch, sum(bytes) over (order by bytes, batch) <= ? as fits from size)
      select fit.batch, fits, queue, ev_id, %2$s
        from fit
        left join e on e.batch = fit.batch and fits
       order by fit.batch, queue, ev_id"""
        .formatted(
            OriginColumn.TARGET,
            OriginColumn.TARGET_BYTES,
            String.join("union all\n", batches),
            EVENT_OVERHEAD);
  }

  List<SourceQueue> queues() {
    return queues;
  }

  /**
   * What came of reading some batches; those in neither are not for here.
   *
   * @param events all events of a batch in their order
   * @param tooLarge the queues of those that do not fit
   */
  record Answer(Map<SourceQueue, List<CopyRow>> events, Set<SourceQueue> tooLarge) {}

  /**
   * Reads batches.
   *
   * @param batches open ones, by their queues, which are among {@link #queues}
   * @param memory how many bytes the events may take
   */
  Answer read(Connection source, Map<SourceQueue, Long> batches, int memory) throws SQLException {
    try (var statement = source.prepareStatement(sql)) {
      statement.unwrap(PGStatement.class).setPrepareThreshold(1);
      var parameter = 1;
      for (var queue : queues) {
        // The event sequence says little of a transaction that was long open. More do not fit.
        statement.setLong(parameter++, memory / EVENT_OVERHEAD + 1);
        statement.setObject(parameter++, batches.get(queue), Types.BIGINT);
      }
      statement.setLong(parameter, memory);
      try (var rows = statement.executeQuery()) {
        return answer(rows);
      }
    }
  }

  private Answer answer(ResultSet rows) throws SQLException {
    var answer = new Answer(new LinkedHashMap<>(), new HashSet<>());
    while (rows.next()) {
      var queue = queues.get(rows.getInt("batch"));
      if (!rows.getBoolean("fits")) {
        answer.tooLarge.add(queue);
        continue;
      }
      var events = answer.events.computeIfAbsent(queue, _ -> new ArrayList<>());
      rows.getLong("ev_id");
      if (!rows.wasNull()) {
        events.add(event(rows));
      }
    }
    return answer;
  }

  private static CopyRow event(ResultSet row) throws SQLException {
    var columns = new byte[OriginColumn.COUNT][];
    for (int i = 0; i < columns.length; i++) {
      columns[i] = row.getBytes(FIRST_COLUMN + i);
    }
    return new CopyRow(row.getInt("queue"), BinaryCopy.row(columns), 0);
  }
}
