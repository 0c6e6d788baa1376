package io.github.pgqfleet.mover;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The event tables of some queues in one transaction of the destination. Rows come ordered by their
 * queue: each change of it ends one COPY and begins another. Not thread-safe; used once.
 */
final class EventTables {

  private final Connection destination;
  private final List<String> tables;
  private BinaryCopy.@Nullable Writer writer;
  private int queue;
  private long written;

  /**
   * @param tables the tables' names, quoted
   */
  EventTables(Connection destination, List<String> tables) {
    this.destination = destination;
    this.tables = tables;
  }

  /**
   * Writes a row.
   *
   * @param number of the table, from 0
   */
  void write(int number, CopyRow row) throws SQLException {
    if (writer == null || number != queue) {
      endCopy();
      queue = number;
      writer = new BinaryCopy.Writer(destination, tables.get(queue));
    }
    writer.write(row);
  }

  /**
   * Ends the last COPY.
   *
   * @param expected how many rows there should be
   * @return how many the server took
   * @throws SQLException when these differ
   */
  long end(long expected) throws SQLException {
    endCopy();
    if (written != expected) {
      throw new SQLException("read %d events but wrote %d".formatted(expected, written));
    }
    return written;
  }

  private void endCopy() throws SQLException {
    if (writer != null) {
      written += writer.end();
      writer = null;
    }
  }

  /** Ends a COPY under way, so that the transaction can be rolled back. */
  void giveUp(Exception reason) {
    if (writer != null) {
      writer.giveUp(reason);
    }
  }
}
