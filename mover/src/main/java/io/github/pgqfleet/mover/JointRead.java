package io.github.pgqfleet.mover;

import io.github.pgqfleet.mover.BinaryCopy.Numbers;
import io.github.pgqfleet.mover.BufferMemory.Reservation;
import io.github.pgqfleet.pgq.OpenBatch;
import io.github.pgqfleet.sql.Quoting;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Map.Entry;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the small batches of a source database that are opened together, as they are when one tick
 * has woken all its queues, with one COPY, since a COPY costs more than the few events that it
 * brings. It promises nothing: what it has not read, each queue reads alone. Used by one thread at
 * a time.
 */
final class JointRead {

  private static final Logger log = LoggerFactory.getLogger(JointRead.class);

  /** The server holds the events of each until all are sent. */
  private static final int MOST_BATCHES = 16;

  /** To judge by the event sequence, before reading, what will fit into memory. */
  private static final int LEAST_EVENT_BYTES = 512;

  /** One queue that cannot be read must not hold up the others each time. */
  private static final Duration PAUSE_AFTER_FAILURE = Duration.ofMinutes(1);

  private final BufferMemory memory;
  private int eventBytes = LEAST_EVENT_BYTES;
  private long pausedUntil = System.nanoTime();

  JointRead(BufferMemory memory) {
    this.memory = memory;
  }

  /**
   * Reads what is worth it, if there is memory at once.
   *
   * @param open batches of one database
   * @return all events of a batch, for those that have been read; the caller closes them
   */
  Map<SourceQueue, BatchEvents> of(Connection source, Map<SourceQueue, OpenBatch> open) {
    if (open.size() < 2 || isPaused()) {
      return Map.of();
    }
    try (var room = memory.tryReserve().orElse(null)) {
      if (room == null) {
        return Map.of();
      }
      var small = small(open, room.bytes() / eventBytes);
      return small.size() < 2 ? Map.of() : read(source, small, room);
    } catch (SQLException | RuntimeException | OutOfMemoryError e) {
      // Whose fault it is shows when each reads alone.
      log.debug("event=joint_read_failed error=\"{}\"", e.getMessage());
      pausedUntil = System.nanoTime() + PAUSE_AFTER_FAILURE.toNanos();
      return Map.of();
    }
  }

  private boolean isPaused() {
    return System.nanoTime() - pausedUntil < 0;
  }

  /** Those that seem to have no more events together than so many. */
  private static List<Entry<SourceQueue, OpenBatch>> small(
      Map<SourceQueue, OpenBatch> open, long events) {
    var small = new ArrayList<Entry<SourceQueue, OpenBatch>>();
    var left = events;
    for (var one : open.entrySet()) {
      var batch = one.getValue().batch();
      var expected = Math.max(0, batch.current().eventSeq() - batch.previous().eventSeq());
      var forward = batch.current().id() > batch.previous().id();
      if (forward && expected <= left && small.size() < MOST_BATCHES) {
        small.add(one);
        left -= expected;
      }
    }
    return small;
  }

  private Map<SourceQueue, BatchEvents> read(
      Connection source, List<Entry<SourceQueue, OpenBatch>> open, Reservation room)
      throws SQLException {
    var rows = new ArrayList<List<CopyRow>>();
    open.forEach(one -> rows.add(new ArrayList<>()));
    var used = 0L;
    try (var copy = new EventCopy(source, query(source, open, room), Numbers.BATCH_AND_QUEUE)) {
      for (var row = copy.next(); row != null; row = copy.next()) {
        used += row.memory();
        if (used > room.bytes()) {
          eventBytes = Math.min(eventBytes * 2, room.bytes());
          return Map.of();
        }
        rows.get(row.batch()).add(row);
      }
    }
    eventBytes = Math.max(eventBytes - eventBytes / 64, LEAST_EVENT_BYTES);
    var events = new LinkedHashMap<SourceQueue, BatchEvents>();
    for (int i = 0; i < open.size(); i++) {
      var queue = open.get(i).getKey();
      var bytes = rows.get(i).stream().mapToInt(CopyRow::memory).sum();
      events.put(queue, BatchEvents.whole(queue, rows.get(i), room.part(bytes)));
    }
    return events;
  }

  private static String query(
      Connection source, List<Entry<SourceQueue, OpenBatch>> open, Reservation room)
      throws SQLException {
    // The event sequence says little of a transaction that was long open. More than that do not
    // fit, and so many are not sent before that shows.
    var limit = room.bytes() / CopyRow.OVERHEAD + 1;
    // Not by the batches' own SQL, as one alone: for several in one statement the planner takes
    // much longer than for each within the function, and than a few events take.
    var batches = new ArrayList<String>();
    for (int i = 0; i < open.size(); i++) {
      var queue = open.get(i).getKey();
      batches.add(
          "select %d, %s, e.ev_id, %s from (select * from pgq.get_batch_events(%d) limit %d) e"
              .formatted(
                  i,
                  queue.route().number(source),
                  queue.origin().select(Quoting.literal(source, queue.id() + "/")),
                  open.get(i).getValue().batch().id(),
                  limit));
    }
    return "select batch, queue, %1$s from (%2$s) e (batch, queue, ev_id, %1$s) order by 1, 2, ev_id"
        .formatted(OriginColumn.TARGET, String.join(" union all ", batches));
  }
}
