package io.github.pgqfleet.worker.batch;

import io.github.pgqfleet.worker.api.BatchHandler;
import io.github.pgqfleet.worker.api.Delivery;
import io.github.pgqfleet.worker.api.Event;
import io.github.pgqfleet.worker.api.EventHandler;
import io.github.pgqfleet.worker.api.Handler;
import java.sql.Connection;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Gives the events to a Java handler. Not thread-safe, like the handler. */
public final class JavaWork implements BatchWork {

  private static final Logger log = LoggerFactory.getLogger(JavaWork.class);

  private final Handler handler;
  private final int fetchSize;

  /**
   * @param fetchSize most events that are held in memory at once
   */
  public JavaWork(Handler handler, int fetchSize) {
    this.handler = handler;
    this.fetchSize = fetchSize;
  }

  @Override
  public long handle(Connection connection, String eventSql, BatchDelivery delivery)
      throws Exception {
    try (var events = new EventCursor(connection, eventSql, fetchSize)) {
      giveAll(events.once(), connection, delivery);
      return events.count();
    } catch (EventCursor.ReadException e) {
      throw e.reason();
    }
  }

  @Override
  public void handle(List<Event> events, Connection connection, BatchDelivery delivery)
      throws Exception {
    giveAll(events, connection, delivery);
  }

  private void giveAll(Iterable<Event> events, Connection connection, BatchDelivery batch)
      throws Exception {
    useItsClasses();
    try (var delivery = new HandlerDelivery(batch, connection, fetchSize)) {
      switch (handler) {
        case EventHandler one -> each(one, events, delivery);
        case BatchHandler all -> all.handle(events, delivery);
      }
      delivery.flush();
    }
  }

  /** Libraries in the handler's jar look for their classes by the thread. */
  private void useItsClasses() {
    Thread.currentThread().setContextClassLoader(handler.getClass().getClassLoader());
  }

  private static void each(EventHandler handler, Iterable<Event> events, Delivery delivery)
      throws InterruptedException, EventFailedException {
    int position = 0;
    for (var event : events) {
      if (Thread.interrupted()) {
        throw new InterruptedException("interrupted before event " + event.id());
      }
      try {
        handler.handle(event, delivery);
      } catch (InterruptedException e) {
        throw e;
      } catch (Exception | Error e) {
        throw new EventFailedException(position, event.id(), e);
      }
      position++;
    }
  }

  @Override
  public void close() {
    if (handler instanceof AutoCloseable closeable) {
      try {
        closeable.close();
      } catch (Exception e) {
        log.warn("handler={} event=close_failed", handler.getClass().getName(), e);
      }
    }
  }
}
