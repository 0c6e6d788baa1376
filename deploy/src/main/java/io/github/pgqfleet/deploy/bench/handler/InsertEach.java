package io.github.pgqfleet.deploy.bench.handler;

import io.github.pgqfleet.worker.api.Delivery;
import io.github.pgqfleet.worker.api.Event;
import io.github.pgqfleet.worker.api.EventHandler;
import java.sql.SQLException;

/** Writes event by event, a round trip each. Called by one thread at a time. */
final class InsertEach implements EventHandler {
  private final String queue;

  InsertEach(String queue) {
    this.queue = queue;
  }

  @Override
  public void handle(Event event, Delivery delivery) throws SQLException {
    try (var statement = delivery.connection().prepareStatement(Insert.SQL)) {
      Insert.set(statement, queue, event);
      statement.executeUpdate();
    }
  }
}
