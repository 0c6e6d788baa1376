package io.github.pgqfleet.mover;

import io.github.pgqfleet.sql.SqlStates;
import java.sql.Connection;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyOut;

/** A COPY of events from a source, row by row, undecoded. Not thread-safe. */
final class EventCopy implements AutoCloseable {

  private final Connection source;
  private final CopyOut copy;
  private final BinaryCopy.Reader rows;
  private long read;
  private boolean ended;

  /**
   * Begins it.
   *
   * @param query of the events
   * @param numbered as in {@link BinaryCopy.Reader}
   */
  EventCopy(Connection source, String query, boolean numbered) throws SQLException {
    this.source = source;
    this.copy =
        source
            .unwrap(PGConnection.class)
            .getCopyAPI()
            .copyOut("copy (%s) to stdout (format binary)".formatted(query));
    this.rows = new BinaryCopy.Reader(copy, numbered);
  }

  /**
   * The next row, or null at the end.
   *
   * @throws SQLException also when the server has sent another number of rows than came
   */
  @Nullable CopyRow next() throws SQLException {
    var row = nextRow();
    if (row != null) {
      read++;
    } else {
      ended = true;
      if (read != copy.getHandledRowCount()) {
        throw new SQLException(
            "read %d events, but the source has sent %d"
                .formatted(read, copy.getHandledRowCount()));
      }
    }
    return row;
  }

  private @Nullable CopyRow nextRow() throws SQLException {
    try {
      return rows.next();
    } catch (SQLException e) {
      if (SqlStates.isConnectionLost(e)) {
        // The driver takes the COPY for over. What may still come of it must not be taken for the
        // answer to the next statement.
        source.abort(Runnable::run);
      }
      throw e;
    }
  }

  /** How many rows have come. */
  long read() {
    return read;
  }

  boolean hasEnded() {
    return ended;
  }

  /** Gives up what has not been read, and leaves the connection ready for use. */
  @Override
  public void close() throws SQLException {
    if (copy.isActive()) {
      // Not cancelCopy: for a COPY from the server it leaves the rest of the answer unread, to be
      // taken for the answer to the next statement.
      source.unwrap(PGConnection.class).cancelQuery();
      drain();
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
