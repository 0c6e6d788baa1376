package io.github.pgqfleet.deploy.bench.handler;

import io.github.pgqfleet.worker.api.BatchHandler;
import io.github.pgqfleet.worker.api.Delivery;
import io.github.pgqfleet.worker.api.Event;
import java.sql.SQLException;

/** Writes an INSERT an event too, but many of them a round trip. Called by one thread at a time. */
final class InsertTogether implements BatchHandler {
  private static final int AT_ONCE = 500;

  private final String queue;

  InsertTogether(String queue) {
    this.queue = queue;
  }

  @Override
  public void handle(Iterable<Event> events, Delivery delivery) throws SQLException {
    try (var statement = delivery.connection().prepareStatement(Insert.SQL)) {
      int waiting = 0;
      for (Event event : events) {
        Insert.set(statement, queue, event);
        statement.addBatch();
        if (++waiting == AT_ONCE) {
          statement.executeBatch();
          waiting = 0;
        }
      }
      if (waiting > 0) {
        statement.executeBatch();
      }
    }
  }
}
