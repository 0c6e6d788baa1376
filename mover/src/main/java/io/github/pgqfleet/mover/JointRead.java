package io.github.pgqfleet.mover;

import io.github.pgqfleet.mover.BufferMemory.Reservation;
import io.github.pgqfleet.pgq.OpenBatch;
import io.github.pgqfleet.sql.SqlStates;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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

  /** The queues that are read together, and how many bytes an event of each may take. */
  private final Map<SourceQueue, Long> members = new LinkedHashMap<>();

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
      var asked = query(source, open.keySet());
      var small = small(asked, open, room.bytes());
      return small.size() < 2 ? Map.of() : read(source, asked, small, room);
    } catch (SQLException | RuntimeException | OutOfMemoryError e) {
      failed(open, e);
      return Map.of();
    }
  }

  /** Whose fault it is shows when each reads alone. */
  private void failed(Map<SourceQueue, OpenBatch> open, Throwable e) {
    log.info(
        "database={} event=joint_read_failed error=\"{}\" action=\"each queue reads alone\"",
        open.keySet().iterator().next().source().id(),
        e.getMessage());
    members.clear();
    query = Optional.empty();
    if (!(e instanceof SQLException sql && SqlStates.isConnectionLost(sql))) {
      pausedUntil = System.nanoTime() + PAUSE_AFTER_FAILURE.toNanos();
    }
  }

  private boolean isPaused() {
    return System.nanoTime() - pausedUntil < 0;
  }

  /** For all queues that have come so far, so that it stays the same and is planned once. */
  private JointQuery query(Connection source, Set<SourceQueue> queues) throws SQLException {
    var news =
        queues.stream()
            .filter(queue -> !members.containsKey(queue))
            .limit(MOST_QUEUES - members.size())
            .toList();
    news.forEach(queue -> members.put(queue, JointQuery.EVENT_OVERHEAD));
    if (!news.isEmpty() || query.isEmpty()) {
      var now = JointQuery.of(source, List.copyOf(members.keySet()));
      members.keySet().retainAll(now.queues());
      query = Optional.of(now);
    }
    return query.get();
  }

  /** Batches that seem to fit together, as far as the event sequence tells. */
  private Map<SourceQueue, Long> small(
      JointQuery query, Map<SourceQueue, OpenBatch> open, int bytes) {
    var small = new LinkedHashMap<SourceQueue, Long>();
    long left = bytes;
    for (var queue : query.queues()) {
      var one = open.get(queue);
      if (one == null) {
        continue;
      }
      var batch = one.batch();
      var events = Math.max(0, batch.current().eventSeq() - batch.previous().eventSeq());
      // One whose events once were large is tried again in time.
      var eventBytes =
          members.merge(
              queue,
              JointQuery.EVENT_OVERHEAD,
              (known, least) -> Math.max(known - known / 64, least));
      if (batch.current().id() > batch.previous().id() && events <= left / eventBytes) {
        small.put(queue, batch.id());
        left -= events * eventBytes;
      }
    }
    return small;
  }

  private Map<SourceQueue, BatchEvents> read(
      Connection source, JointQuery asked, Map<SourceQueue, Long> batches, Reservation room)
      throws SQLException {
    var answer = asked.read(source, batches, room.bytes());
    for (var queue : answer.tooLarge()) {
      members.computeIfPresent(queue, (_, bytes) -> Math.min(2 * bytes, 2L * room.bytes()));
    }
    if (answer.events().size() + answer.tooLarge().size() < batches.size()) {
      // Perhaps a rotation: the tables are asked for again.
      query = Optional.empty();
    }
    var events = new LinkedHashMap<SourceQueue, BatchEvents>();
    answer
        .events()
        .forEach(
            (queue, rows) -> {
              var bytes = rows.stream().mapToInt(CopyRow::memory).sum();
              events.put(queue, BatchEvents.whole(queue, rows, room.part(bytes)));
            });
    return events;
  }
}
