package io.github.pgqfleet.mover;

import io.github.pgqfleet.mover.BufferMemory.Reservation;
import io.github.pgqfleet.pgq.OpenBatch;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Map.Entry;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the small batches of a source database that are opened together, as they are when one tick
 * has woken all its queues, with one statement that is planned once, since planning that of a
 * single batch takes longer than reading its few events. It promises nothing: what it has not read,
 * each queue reads alone. Used by one thread at a time.
 */
final class JointRead {

  private static final Logger log = LoggerFactory.getLogger(JointRead.class);

  /** Planning it for more takes long. Those that come later are read alone. */
  private static final int MOST_QUEUES = 32;

  /** One queue that cannot be read must not hold up the others each time. */
  private static final Duration PAUSE_AFTER_FAILURE = Duration.ofMinutes(1);

  private final BufferMemory memory;

  /** To judge by the event sequence, before reading, what will fit into memory. */
  private int eventBytes = JointQuery.EVENT_OVERHEAD;

  private final Set<SourceQueue> members = new LinkedHashSet<>();
  private Optional<JointQuery> query = Optional.empty();
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
      log.info(
          "database={} event=joint_read_failed error=\"{}\" action=\"each queue reads alone\"",
          open.keySet().iterator().next().source().id(),
          e.getMessage());
      pausedUntil = System.nanoTime() + PAUSE_AFTER_FAILURE.toNanos();
      members.clear();
      query = Optional.empty();
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
      if (forward && expected <= left) {
        small.add(one);
        left -= expected;
      }
    }
    return small;
  }

  private Map<SourceQueue, BatchEvents> read(
      Connection source, List<Entry<SourceQueue, OpenBatch>> open, Reservation room)
      throws SQLException {
    var batches = new LinkedHashMap<SourceQueue, Long>();
    open.forEach(one -> batches.put(one.getKey(), one.getValue().batch().id()));
    var asked = query(source, batches.keySet());
    batches.keySet().retainAll(asked.queues());
    var read = asked.read(source, batches, room.bytes()).orElse(null);
    if (read == null) {
      eventBytes = Math.min(eventBytes * 2, room.bytes());
      return Map.of();
    }
    eventBytes = Math.max(eventBytes - eventBytes / 64, JointQuery.EVENT_OVERHEAD);
    if (read.size() < batches.size()) {
      // Perhaps a rotation: the tables are asked for again.
      query = Optional.empty();
    }
    var events = new LinkedHashMap<SourceQueue, BatchEvents>();
    read.forEach(
        (queue, rows) -> {
          var bytes = rows.stream().mapToInt(CopyRow::memory).sum();
          events.put(queue, BatchEvents.whole(queue, rows, room.part(bytes)));
        });
    return events;
  }

  /** For all queues that have come so far, so that it stays the same and is planned once. */
  private JointQuery query(Connection source, Set<SourceQueue> queues) throws SQLException {
    var news =
        queues.stream()
            .filter(queue -> !members.contains(queue))
            .limit(MOST_QUEUES - members.size())
            .toList();
    if (members.addAll(news) || query.isEmpty()) {
      query = Optional.of(JointQuery.of(source, List.copyOf(members)));
    }
    return query.get();
  }
}
