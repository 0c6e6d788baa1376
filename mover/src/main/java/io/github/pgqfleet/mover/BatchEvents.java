package io.github.pgqfleet.mover;

import io.github.pgqfleet.pgq.Batch;
import io.github.pgqfleet.pgq.Pgq;
import io.github.pgqfleet.sql.Quoting;
import io.github.pgqfleet.sql.SqlStates;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyIn;
import org.postgresql.copy.CopyOut;

/**
 * The events of one batch on their way: raw binary COPY rows, never decoded. The first rows are
 * kept in memory, up to a bound; when that is all of them, the source is not needed any more while
 * the destination is written to. Not thread-safe; used once.
 */
final class BatchEvents implements AutoCloseable {

  private final PGConnection connection;
  private final CopyOut source;
  private final List<byte[]> buffered = new ArrayList<>();
  private boolean complete;

  private BatchEvents(PGConnection connection, CopyOut source) {
    this.connection = connection;
    this.source = source;
  }

  /**
   * Begins to read a batch.
   *
   * @param origin where to note the events' origin
   * @param bufferBytes how much to read ahead
   */
  static BatchEvents open(
      Connection source, SourceQueue queue, Batch batch, OriginColumn origin, int bufferBytes)
      throws SQLException {
    var pgConnection = source.unwrap(PGConnection.class);
    var sql =
        "copy (select %s from (%s) e order by e.ev_id) to stdout (format binary)"
            .formatted(
                origin.select(Quoting.literal(source, queue.id() + "/")),
                new Pgq(source).batchEventSql(batch.id()));
    var events = new BatchEvents(pgConnection, pgConnection.getCopyAPI().copyOut(sql));
    events.readAhead(bufferBytes);
    return events;
  }

  private void readAhead(int bytes) throws SQLException {
    var left = bytes;
    while (left > 0 && !complete) {
      var row = next();
      if (row != null) {
        buffered.add(row);
        left -= row.length;
      }
    }
  }

  /** Whether the batch has no event at all. */
  boolean isEmpty() {
    return complete && source.getHandledRowCount() == 0;
  }

  /**
   * Copies all events into an event table.
   *
   * @param table a table's name, quoted
   * @return how many events there were
   * @throws SQLException also when the numbers of rows read and written differ
   */
  long copyInto(Connection destination, String table) throws SQLException {
    CopyIn target =
        destination
            .unwrap(PGConnection.class)
            .getCopyAPI()
            .copyIn("copy " + table + " (" + OriginColumn.TARGET + ") from stdin (format binary)");
    try {
      for (var row : buffered) {
        target.writeToCopy(row, 0, row.length);
      }
      for (var row = complete ? null : next(); row != null; row = next()) {
        target.writeToCopy(row, 0, row.length);
      }
    } catch (SQLException e) {
      giveUp(target, e);
      throw e;
    }
    var written = target.endCopy();
    if (written != source.getHandledRowCount()) {
      throw new SQLException(
          "read %d events but wrote %d".formatted(source.getHandledRowCount(), written));
    }
    return written;
  }

  private static void giveUp(CopyIn target, SQLException reason) {
    try {
      if (target.isActive()) {
        target.cancelCopy();
      }
    } catch (SQLException e) {
      reason.addSuppressed(e);
    }
  }

  private byte @Nullable [] next() throws SQLException {
    var row = source.readFromCopy();
    complete = row == null;
    return row;
  }

  /** Gives up what has not been read, and leaves the source's connection ready for use. */
  @Override
  public void close() throws SQLException {
    if (!source.isActive()) {
      return;
    }
    // Not cancelCopy: for a COPY from the server it leaves the rest of the answer unread, to be
    // taken for the answer to the next statement.
    connection.cancelQuery();
    try {
      var rest = source.readFromCopy();
      while (rest != null) {
        rest = source.readFromCopy();
      }
    } catch (SQLException e) {
      if (!SqlStates.QUERY_CANCELED.equals(e.getSQLState())) {
        throw e;
      }
    }
  }
}
