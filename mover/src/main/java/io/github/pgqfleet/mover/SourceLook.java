package io.github.pgqfleet.mover;

import io.github.pgqfleet.pgq.Pgq;
import io.github.pgqfleet.pgq.Tick;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * What a source tells of a queue at one moment. Immutable.
 *
 * @param finished the tick up to which the consumer has finished its batches; empty when it is not
 *     registered
 * @param eventSeq the event sequence
 * @param at the moment, by the source's clock
 */
record SourceLook(Optional<Tick> finished, long eventSeq, Instant at) {

  /** What {@link #read} reads, of {@code pgq.queue q} and {@code left join pgq.tick done}. */
  static final String COLUMNS =
      """
      done.tick_id as done_id, done.tick_time as done_time, done.tick_event_seq as done_event_seq,
             pgq.seq_getval(q.queue_event_seq) as event_seq, clock_timestamp() as looked_at""";

  static SourceLook read(ResultSet row) throws SQLException {
    var registered = row.getObject("done_id") != null;
    return new SourceLook(
        registered
            ? Optional.of(
                new Tick(
                    row.getLong("done_id"),
                    Pgq.instant(row, row.findColumn("done_time")),
                    row.getLong("done_event_seq")))
            : Optional.empty(),
        row.getLong("event_seq"),
        Pgq.instant(row, row.findColumn("looked_at")));
  }

  /**
   * How far the mover is behind. A delivered batch may be left open for a while, so what has been
   * delivered can be ahead of what is finished.
   *
   * @param delivered the tick up to which everything has been delivered, where that is known
   */
  Lag lag(Optional<Tick> delivered) {
    if (finished.isEmpty()) {
      return new Lag(0, 0);
    }
    var upTo = delivered.filter(tick -> tick.id() > finished.get().id()).orElse(finished.get());
    return new Lag(
        Math.max(0, eventSeq - upTo.eventSeq()),
        Math.max(0, Duration.between(upTo.time(), at).toNanos() / 1e9));
  }
}
