package io.github.pgqfleet.mover;

import io.github.pgqfleet.pgq.NextBatches;
import io.github.pgqfleet.pgq.OpenBatch;
import io.github.pgqfleet.pgq.Pgq;
import io.github.pgqfleet.pgq.Tick;
import io.github.pgqfleet.sql.Transactions;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * The events between two ticks of a source queue, counted. Immutable.
 *
 * @param events how many there are, exactly
 * @param written when the first and the last was written; empty when there is none
 * @param deliveredBefore how many of them the destination may have already: exactly those up to its
 *     position where that is a tick of this source; else those written before the position was last
 *     set
 */
record Stake(long events, Optional<Span> written, long deliveredBefore) {

  /** From the first event's {@code ev_time} to the last one's. */
  record Span(Instant first, Instant last) {}

  /**
   * Counts the events after one tick and up to another. PgQ is asked for the query that reads them
   * in a transaction that is rolled back; the counting itself, which may take long, holds no lock
   * that a mover would wait for.
   *
   * @param source a connection in autocommit mode, whose statement timeout bounds the counting
   */
  static Stake count(Connection source, SourceQueue queue, Tick after, Tick upTo, Standpoint now)
      throws SQLException {
    if (after.equals(upTo)) {
      return new Stake(0, Optional.empty(), 0);
    }
    var events = Transactions.rolledBack(source, c -> eventSql(c, queue, after, upTo));
    try (var statement = source.prepareStatement(countSql(events))) {
      var delivered = now.delivered();
      if (delivered.isPresent() && now.fits()) {
        statement.setNull(1, Types.TIMESTAMP_WITH_TIMEZONE);
        statement.setLong(3, delivered.get().id());
      } else {
        statement.setObject(
            1,
            delivered.flatMap(tick -> now.movedAt()).map(Pgq::timestamptz).orElse(null),
            Types.TIMESTAMP_WITH_TIMEZONE);
        statement.setNull(3, Types.BIGINT);
      }
      statement.setLong(2, upTo.id());
      statement.setString(4, queue.queue());
      try (var row = statement.executeQuery()) {
        row.next();
        return new Stake(row.getLong(1), span(row), row.getLong(4));
      }
    }
  }

  private static String countSql(String events) {
    return """
      select count(*), min(e.ev_time), max(e.ev_time),
             count(*) filter (where txid_visible_in_snapshot(e.ev_txid, p.tick_snapshot)
                                 or e.ev_time <= ?)
        from pgq.queue q
        join pgq.tick t on t.tick_queue = q.queue_id and t.tick_id = ?
        left join pgq.tick p on p.tick_queue = q.queue_id and p.tick_id = ?
        cross join (%s) e
       where q.queue_name = ? and txid_visible_in_snapshot(e.ev_txid, t.tick_snapshot)"""
        .formatted(events);
  }

  private static String eventSql(Connection source, SourceQueue queue, Tick after, Tick upTo)
      throws SQLException {
    new Pgq(source).registerConsumerAt(queue.queue(), queue.consumer(), after.id());
    return new NextBatches(source, queue.consumer(), Integer.MAX_VALUE)
        .of(new NextBatches.Asked(queue.queue(), OptionalLong.empty()))
        .filter(open -> open.batch().current().id() >= upTo.id())
        .flatMap(OpenBatch::eventSql)
        .orElseThrow(() -> new SQLException("tick " + upTo + " is gone; look again"));
  }

  private static Optional<Span> span(ResultSet row) throws SQLException {
    return row.getObject(2, OffsetDateTime.class) == null
        ? Optional.empty()
        : Optional.of(new Span(Pgq.instant(row, 2), Pgq.instant(row, 3)));
  }
}
