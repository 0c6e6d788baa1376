package io.github.pgqfleet.deploy.bench.handler;

import io.github.pgqfleet.worker.api.Delivery;
import io.github.pgqfleet.worker.api.Event;
import io.github.pgqfleet.worker.api.EventHandler;
import java.sql.SQLException;
import java.time.Duration;

/**
 * Writes event by event, but waits for no answer of the database; if wanted after a wait, as for
 * another system's answer. Called by one thread at a time.
 */
final class InsertSent implements EventHandler {
  private final String queue;
  private final Duration wait;

  InsertSent(String queue, Duration wait) {
    this.queue = queue;
    this.wait = wait;
  }

  @Override
  public void handle(Event event, Delivery delivery) throws SQLException, InterruptedException {
    if (wait.isPositive()) {
      Thread.sleep(wait);
    }
    delivery.send(Insert.SQL, insert -> Insert.set(insert, queue, event));
  }
}
