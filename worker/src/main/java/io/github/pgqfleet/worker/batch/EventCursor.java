package io.github.pgqfleet.worker.batch;

import io.github.pgqfleet.pgq.Pgq;
import io.github.pgqfleet.worker.api.Event;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Iterator;
import java.util.NoSuchElementException;

/**
 * The events of a batch, read through a server-side cursor as they are asked for: memory is bound
 * by the fetch size, whatever the batch's. May be gone through once. Not thread-safe.
 */
final class EventCursor implements Iterator<Event>, AutoCloseable {

  /** An error of reading, on its way through a handler that cannot throw SQLExceptions. */
  static final class ReadException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final SQLException reason;

    ReadException(SQLException reason) {
      super(reason);
      this.reason = reason;
    }

    SQLException reason() {
      return reason;
    }
  }

  private final Statement statement;
  private final ResultSet rows;
  private boolean taken;
  private boolean looked;
  private boolean more;
  private long count;

  /**
   * Opens the cursor.
   *
   * @param connection in a transaction, without which the driver would read everything at once
   * @param fetchSize most events that are held in memory
   */
  EventCursor(Connection connection, String eventSql, int fetchSize) throws SQLException {
    statement = connection.createStatement();
    try {
      statement.setFetchSize(fetchSize);
      rows = statement.executeQuery(eventSql);
    } catch (SQLException e) {
      statement.close();
      throw e;
    }
  }

  /** The events as handlers take them; a second iteration throws. */
  Iterable<Event> once() {
    return () -> {
      if (taken) {
        throw new IllegalStateException("the events of a batch can be gone through once");
      }
      taken = true;
      return this;
    };
  }

  @Override
  public boolean hasNext() {
    if (!looked) {
      try {
        more = rows.next();
      } catch (SQLException e) {
        throw new ReadException(e);
      }
      looked = true;
    }
    return more;
  }

  @Override
  public Event next() {
    if (!hasNext()) {
      throw new NoSuchElementException();
    }
    looked = false;
    count++;
    try {
      return new Event(
          rows.getLong(1),
          Pgq.instant(rows, 2),
          rows.getLong(3),
          rows.getInt(4),
          rows.getString(5),
          rows.getString(6),
          rows.getString(7),
          rows.getString(8),
          rows.getString(9),
          rows.getString(10));
    } catch (SQLException e) {
      throw new ReadException(e);
    }
  }

  /** How many events have been read. */
  long count() {
    return count;
  }

  @Override
  public void close() throws SQLException {
    statement.close();
  }
}
