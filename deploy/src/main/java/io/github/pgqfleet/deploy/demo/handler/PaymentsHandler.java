package io.github.pgqfleet.deploy.demo.handler;

import io.github.pgqfleet.worker.api.BatchHandler;
import io.github.pgqfleet.worker.api.Delivery;
import io.github.pgqfleet.worker.api.Event;
import java.sql.SQLException;

/**
 * Records each event in the batch's own transaction, many a round trip. Called by one thread at a
 * time.
 */
final class PaymentsHandler implements BatchHandler {
  private static final int AT_ONCE = 500;

  @Override
  public void handle(Iterable<Event> events, Delivery delivery) throws SQLException {
    try (var statement = delivery.connection().prepareStatement("select app.record(?)")) {
      int waiting = 0;
      for (Event event : events) {
        statement.setString(1, event.data());
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
