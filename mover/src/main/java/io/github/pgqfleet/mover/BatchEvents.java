package io.github.pgqfleet.mover;

import io.github.pgqfleet.mover.BufferMemory.Reservation;
import io.github.pgqfleet.sql.Quoting;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The events of one batch on their way: rows of a binary COPY, never decoded. The first rows are
 * kept in memory, up to a bound; when that is all of them, the source is not needed any more while
 * the destination is written to. Not thread-safe; used once.
 */
final class BatchEvents implements AutoCloseable {

  private final SourceQueue queue;
  private final Reservation memory;
  private final List<CopyRow> buffered;
  private final @Nullable Rest rest;

  /** What is not in memory yet, if anything, and the connection that it comes by. */
  private record Rest(EventCopy copy, Lender.Loan source) implements AutoCloseable {

    @Override
    public void close() throws SQLException {
      try (source) {
        copy.close();
      }
    }
  }

  private BatchEvents(
      SourceQueue queue, Reservation memory, List<CopyRow> buffered, @Nullable Rest rest) {
    this.queue = queue;
    this.memory = memory;
    this.buffered = buffered;
    this.rest = rest;
  }

  /**
   * Those of a batch that has been read.
   *
   * @param rows all of its events, in their order
   * @param memory what they take
   */
  static BatchEvents whole(SourceQueue queue, List<CopyRow> rows, Reservation memory) {
    return new BatchEvents(queue, memory, rows, null);
  }

  /**
   * Begins to read a batch, as soon as there is memory and a connection for it.
   *
   * @param eventSql what {@code pgq.batch_event_sql} says of the batch
   */
  static BatchEvents begin(Lender source, SourceQueue queue, String eventSql, BufferMemory memory)
      throws SQLException, InterruptedException {
    try (var room = memory.reserve();
        var loan = source.borrow()) {
      return begin(loan.handOver(), queue, eventSql, room.handOver());
    }
  }

  /** The same with a connection and memory that are this batch's from now on, whatever happens. */
  static BatchEvents begin(
      Lender.Loan source, SourceQueue queue, String eventSql, Reservation memory)
      throws SQLException {
    BatchEvents events;
    try {
      var connection = source.connection();
      var sql = query(connection, queue, eventSql);
      var copy = new EventCopy(connection, sql, queue.route().splits());
      events = new BatchEvents(queue, memory, new ArrayList<>(), new Rest(copy, source));
    } catch (SQLException | RuntimeException e) {
      try (memory;
          source) {
        throw e;
      }
    }
    try {
      events.fillBuffer();
      return events;
    } catch (SQLException | RuntimeException e) {
      try (events) {
        throw e;
      }
    }
  }

  private static String query(Connection source, SourceQueue queue, String eventSql)
      throws SQLException {
    var route = queue.route();
    var columns = queue.origin().select(Quoting.literal(source, queue.id() + "/"));
    return route.splits()
        ? "select %s, %s from (%s) e order by 1, e.ev_id"
            .formatted(route.number(source), columns, eventSql)
        : "select %s from (%s) e order by e.ev_id".formatted(columns, eventSql);
  }

  private void fillBuffer() throws SQLException {
    var used = 0;
    while (used < memory.bytes() && !isWhole()) {
      var row = next();
      if (row != null) {
        buffered.add(row);
        used += row.memory();
      }
    }
    if (rest != null && isWhole()) {
      memory.shrinkTo(used);
      rest.source().close();
    }
  }

  /** Whether all events are in memory, and the source has been given back. */
  boolean isWhole() {
    return rest == null || (rest.copy().hasEnded() && rest.copy().read() == buffered.size());
  }

  /** Whether the batch has no event at all. */
  boolean isEmpty() {
    return isWhole() && buffered.isEmpty();
  }

  /** The events of a batch that {@link #isWhole}, in their order. */
  List<CopyRow> rows() {
    return buffered;
  }

  /**
   * Copies all events into their queues' event tables.
   *
   * @param tables the tables' names, quoted, by the number of the queue in the route
   * @return how many events there were
   * @throws SQLException also when the numbers of rows read and written differ
   */
  long copyInto(Connection destination, List<String> tables) throws SQLException {
    var target = new EventTables(destination, tables);
    try {
      for (var row : buffered) {
        target.write(row.queue(), row);
      }
      for (var row = next(); row != null; row = next()) {
        target.write(row.queue(), row);
      }
      return target.end(rest == null ? buffered.size() : rest.copy().read());
    } catch (SQLException e) {
      target.giveUp(e);
      throw e;
    }
  }

  private @Nullable CopyRow next() throws SQLException {
    return rest == null || rest.copy().hasEnded() ? null : rest.copy().next();
  }

  SourceQueue queue() {
    return queue;
  }

  /** Gives up what has not been read, and leaves the source's connection ready for use. */
  @Override
  public void close() throws SQLException {
    try (memory;
        rest) {
      // Both at once, whatever happens.
    }
  }
}
