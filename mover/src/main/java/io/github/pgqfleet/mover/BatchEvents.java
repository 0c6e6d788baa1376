package io.github.pgqfleet.mover;

import io.github.pgqfleet.mover.BufferMemory.Reservation;
import io.github.pgqfleet.sql.Quoting;
import io.github.pgqfleet.sql.SqlStates;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyOut;

/**
 * The events of one batch on their way: raw binary COPY rows, never decoded. The first rows are
 * kept in memory, up to a bound; when that is all of them, the source is not needed any more while
 * the destination is written to. Not thread-safe; used once.
 */
final class BatchEvents implements AutoCloseable {

  private final SourceQueue queue;
  private final Reservation memory;
  private final Lender.Loan source;
  private final CopyOut copy;
  private final BinaryCopy.Reader rows;
  private final List<CopyRow> buffered = new ArrayList<>();
  private boolean complete;

  private BatchEvents(SourceQueue queue, Reservation memory, Lender.Loan source, String eventSql)
      throws SQLException {
    this.queue = queue;
    this.memory = memory;
    this.source = source;
    var connection = source.connection();
    this.copy =
        connection
            .unwrap(PGConnection.class)
            .getCopyAPI()
            .copyOut(copySql(connection, queue, eventSql));
    this.rows = new BinaryCopy.Reader(copy, queue.route().splits());
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
      events = new BatchEvents(queue, memory, source, eventSql);
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

  private static String copySql(Connection source, SourceQueue queue, String eventSql)
      throws SQLException {
    var route = queue.route();
    var columns = queue.origin().select(Quoting.literal(source, queue.id() + "/"));
    return route.splits()
        ? "copy (select %s, %s from (%s) e order by 1, e.ev_id) to stdout (format binary)"
            .formatted(route.number(source), columns, eventSql)
        : "copy (select %s from (%s) e order by e.ev_id) to stdout (format binary)"
            .formatted(columns, eventSql);
  }

  private void fillBuffer() throws SQLException {
    var used = 0;
    while (used < memory.bytes() && !complete) {
      var row = next();
      if (row != null) {
        buffered.add(row);
        used += row.memory();
      }
    }
    if (complete) {
      memory.shrinkTo(used);
      source.close();
    }
  }

  /** Whether all events are in memory, and the source has been given back. */
  boolean isWhole() {
    return complete && buffered.size() == copy.getHandledRowCount();
  }

  /** Whether the batch has no event at all. */
  boolean isEmpty() {
    return complete && buffered.isEmpty();
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
        target.write(row);
      }
      for (var row = complete ? null : next(); row != null; row = next()) {
        target.write(row);
      }
      return target.end(copy.getHandledRowCount());
    } catch (SQLException e) {
      target.giveUp(e);
      throw e;
    }
  }

  private @Nullable CopyRow next() throws SQLException {
    var row = rows.next();
    complete = row == null;
    return row;
  }

  SourceQueue queue() {
    return queue;
  }

  /** Gives up what has not been read, and leaves the source's connection ready for use. */
  @Override
  public void close() throws SQLException {
    try (memory;
        source) {
      if (copy.isActive()) {
        // Not cancelCopy: for a COPY from the server it leaves the rest of the answer unread, to be
        // taken for the answer to the next statement.
        source.connection().unwrap(PGConnection.class).cancelQuery();
        drain();
      }
    }
  }

  private void drain() throws SQLException {
    try {
      var rest = copy.readFromCopy();
      while (rest != null) {
        rest = copy.readFromCopy();
      }
    } catch (SQLException e) {
      if (!SqlStates.QUERY_CANCELED.equals(e.getSQLState())) {
        throw e;
      }
    }
  }
}
