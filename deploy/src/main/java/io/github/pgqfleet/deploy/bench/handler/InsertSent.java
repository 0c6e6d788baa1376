package io.github.pgqfleet.deploy.bench.handler;

import io.github.pgqfleet.worker.api.Delivery;
import io.github.pgqfleet.worker.api.Event;
import io.github.pgqfleet.worker.api.EventHandler;
import java.sql.SQLException;

/** Writes event by event, but waits for no answer. Called by one thread at a time. */
final class InsertSent implements EventHandler {
  private final String queue;

  InsertSent(String queue) {
    this.queue = queue;
  }

  @Override
  public void handle(Event event, Delivery delivery) throws SQLException {
    delivery.send(Insert.SQL, insert -> Insert.set(insert, queue, event));
  }
}
