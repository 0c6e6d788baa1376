package io.github.pgqfleet.mover.campaign;

import io.github.pgqfleet.fixture.ConnectedLoop;
import io.github.pgqfleet.mover.campaign.Audit.Event;
import io.github.pgqfleet.mover.campaign.Audit.Write;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The consumer of one destination queue: hands each batch to the audit, once, whatever happens to
 * the server meanwhile. Confined to one thread.
 */
final class Arrival implements ConnectedLoop.Round {

  static final String CONSUMER = "audit";

  private final String queue;
  private final Audit audit;
  private long lastTick;

  Arrival(String queue, Audit audit) {
    this.queue = queue;
    this.audit = audit;
  }

  /** A batch between two ticks. */
  private record Batch(long id, long previousTick, long currentTick) {}

  @Override
  public void run(Connection connection) throws SQLException {
    for (var b = nextBatch(connection); b != null; b = nextBatch(connection)) {
      read(connection, b);
    }
  }

  private @Nullable Batch nextBatch(Connection connection) throws SQLException {
    try (var statement =
            prepare(
                connection,
                "select batch_id, prev_tick_id, cur_tick_id from pgq.next_batch_info(?, ?)",
                queue,
                CONSUMER);
        var row = statement.executeQuery()) {
      row.next();
      return row.getObject(1) == null
          ? null
          : new Batch(row.getLong(1), row.getLong(2), row.getLong(3));
    }
  }

  private void read(Connection connection, Batch batch) throws SQLException {
    if (batch.currentTick() > lastTick) {
      if (lastTick != 0 && batch.previousTick() != lastTick) {
        throw new IllegalStateException(
            "%s was read up to tick %d, but goes on with %s".formatted(queue, lastTick, batch));
      }
      audit.delivered(events(connection, batch));
      lastTick = batch.currentTick();
    }
    try (var statement = prepare(connection, "select pgq.finish_batch(?)", batch.id())) {
      statement.execute();
    }
  }

  private static List<Event> events(Connection connection, Batch batch) throws SQLException {
    try (var statement =
            prepare(
                connection,
                "select ev_type, ev_data, ev_txid from pgq.get_batch_events(?) order by ev_id",
                batch.id());
        var rows = statement.executeQuery()) {
      var events = new ArrayList<Event>();
      while (rows.next()) {
        events.add(event(rows));
      }
      return events;
    }
  }

  private static Event event(ResultSet row) throws SQLException {
    var data = row.getString(2).split(" ", 2);
    return new Event(
        new Write(row.getString(1), Long.parseLong(data[0])),
        Integer.parseInt(data[1]),
        row.getLong(3));
  }

  private static PreparedStatement prepare(Connection connection, String sql, Object... values)
      throws SQLException {
    var statement = connection.prepareStatement(sql);
    for (int i = 0; i < values.length; i++) {
      statement.setObject(i + 1, values[i]);
    }
    return statement;
  }
}
