package io.github.pgqfleet.worker.batch;

import io.github.pgqfleet.sql.Transactions;
import io.github.pgqfleet.worker.api.Event;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * Reads a batch piece by piece, each in a short transaction of its own, so that none is open while
 * its events are handled. Event tables have no index by event id, and so each piece costs a scan of
 * the batch: pieces are large, but for events that are so themselves. Thread-safe.
 */
final class EventReader {

  private static final int MOST_EVENTS = 10_000;
  private static final int MOST_CHARACTERS = 4 << 20;

  private final DataSource connections;
  private final int fetchSize;

  /**
   * Behind an event. An id alone does not tell: a retried event has that of the first time, and
   * both may be in one batch of a consumer that was set back.
   */
  record Position(long eventId, long txid) {

    static final Position START = new Position(Long.MIN_VALUE, Long.MIN_VALUE);

    static Position of(Event event) {
      return new Position(event.id(), event.txid());
    }
  }

  /**
   * The next events, in the order of their ids.
   *
   * @param last whether there are no more
   */
  record Piece(List<Event> events, boolean last) {}

  EventReader(DataSource connections, int fetchSize) {
    this.connections = connections;
    this.fetchSize = fetchSize;
  }

  /** Reads what comes behind a position. */
  Piece read(String eventSql, Position behind) throws SQLException {
    var sql =
        String.format(
            Locale.ROOT,
            "select * from (%s) e where (ev_id, ev_txid) > (%d, %d) order by ev_id, ev_txid limit"
                + " %d",
            eventSql,
            behind.eventId(),
            behind.txid(),
            MOST_EVENTS);
    try (var connection = connections.getConnection()) {
      return Transactions.<Piece, RuntimeException>inTransaction(
          connection,
          tx -> {
            sortInMemory(tx);
            return read(tx, sql);
          });
    }
  }

  /** Otherwise a piece of long events makes the server sort the whole batch on disk, each time. */
  private static void sortInMemory(Connection tx) throws SQLException {
    try (var statement = tx.createStatement()) {
      statement.execute("set local work_mem = '32MB'");
    }
  }

  private Piece read(Connection tx, String sql) throws SQLException {
    try (var cursor = new EventCursor(tx, sql, fetchSize)) {
      var events = new ArrayList<Event>();
      long characters = 0;
      for (var event : cursor.once()) {
        events.add(event);
        characters += length(event);
        if (events.size() == MOST_EVENTS || characters >= MOST_CHARACTERS) {
          return new Piece(events, false);
        }
      }
      return new Piece(events, true);
    } catch (EventCursor.ReadException e) {
      throw e.reason();
    }
  }

  private static long length(Event event) {
    return (long) length(event.data())
        + length(event.extra1())
        + length(event.extra2())
        + length(event.extra3())
        + length(event.extra4());
  }

  private static int length(@Nullable String text) {
    return text == null ? 0 : text.length();
  }
}
