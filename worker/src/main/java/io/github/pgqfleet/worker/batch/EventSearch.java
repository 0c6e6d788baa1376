package io.github.pgqfleet.worker.batch;

import io.github.pgqfleet.worker.api.Event;
import io.github.pgqfleet.worker.failed.FailedEvents;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Handles a batch that has failed as a whole, so that the events that fail are found and put aside,
 * and all others are handled: part by part, each after a savepoint. A part that fails is undone and
 * halved until a single event fails; parts that succeed double again. Where the handler tells at
 * which event it failed, nothing needs to be halved.
 *
 * <p>Events are handled in their order. Memory is bound by the size of a part. Stateless.
 */
final class EventSearch {

  private static final Logger log = LoggerFactory.getLogger(EventSearch.class);

  private final BatchWork work;
  private final FailedEvents failedEvents;
  private final int largestPart;

  /**
   * @param largestPart most events that are held in memory and handled after one savepoint
   */
  EventSearch(BatchWork work, FailedEvents failedEvents, int largestPart) {
    this.work = work;
    this.failedEvents = failedEvents;
    this.largestPart = largestPart;
  }

  /**
   * What came of a part.
   *
   * @param position of the event at which it failed, or {@link #UNKNOWN}
   */
  private record Failure(Throwable reason, int position) {
    static final int UNKNOWN = -1;
  }

  /**
   * Handles the batch; failed events are put aside in the same transaction.
   *
   * @throws BatchLostException when the batch turns out to be another's
   * @throws Exception when the handler failed for a reason that lies with no event
   */
  Handled run(Connection connection, String eventSql, BatchDelivery delivery) throws Exception {
    var failures = new FailureLog(failedEvents, connection, delivery.batchId());
    try (var cursor = new EventCursor(connection, eventSql, largestPart)) {
      var savepoints = new Savepoints(connection);
      while (cursor.hasNext()) {
        handle(part(cursor), connection, delivery, savepoints, failures);
        if (failures.isFull()) {
          savepoints.end();
          failures.write();
          savepoints = new Savepoints(connection);
        }
      }
      savepoints.end();
      failures.write();
      tell(delivery, failures);
      long failed = failures.retried() + failures.dead();
      return new Handled(cursor.count() - failed, failures.retried(), failures.dead());
    } catch (EventCursor.ReadException e) {
      throw e.reason();
    } catch (SQLException e) {
      if (FailedEvents.BATCH_NOT_OPEN.equals(e.getSQLState())) {
        throw new BatchLostException("it is not open");
      }
      throw e;
    }
  }

  private List<Event> part(EventCursor cursor) {
    var part = new ArrayList<Event>();
    while (part.size() < largestPart && cursor.hasNext()) {
      part.add(cursor.next());
    }
    return List.copyOf(part);
  }

  private void handle(
      List<Event> events,
      Connection connection,
      BatchDelivery delivery,
      Savepoints savepoints,
      FailureLog failures)
      throws Exception {
    int from = 0;
    int size = events.size();
    while (from < events.size()) {
      int to = Math.min(from + size, events.size());
      var failure = attempt(events.subList(from, to), connection, delivery, savepoints);
      if (failure == null) {
        from = to;
        size = Math.min(size * 2, events.size());
      } else if (failure.position() == 0 || to - from == 1) {
        var event = events.get(from);
        failures.add(event.id(), event.retry(), failure.reason());
        from++;
      } else {
        // Those before the one at which it failed should be well; else half of them are tried.
        size = failure.position() == Failure.UNKNOWN ? (to - from) / 2 : failure.position();
      }
    }
  }

  private @Nullable Failure attempt(
      List<Event> events, Connection connection, BatchDelivery delivery, Savepoints savepoints)
      throws Exception {
    Failure failure;
    try {
      work.handle(events, connection, delivery);
      savepoints.keep();
      failure = null;
    } catch (EventFailedException e) {
      failure = new Failure(e.reason(), e.position());
    } catch (Exception | Error e) {
      failure = new Failure(e, Failure.UNKNOWN);
    }
    if (Thread.interrupted()) {
      throw new InterruptedException("interrupted in batch " + delivery.batchId());
    }
    if (failure != null) {
      if (!Blame.mayLieWithAnEvent(failure.reason())) {
        rethrow(failure.reason());
      }
      savepoints.undo();
    }
    return failure;
  }

  private static void rethrow(Throwable reason) throws Exception {
    switch (reason) {
      case Error e -> throw e;
      case Exception e -> throw e;
      default -> throw new IllegalStateException(reason);
    }
  }

  private static void tell(BatchDelivery delivery, FailureLog failures) {
    if (failures.first() != null) {
      log.warn(
          "subconsumer={} batch={} event=events_failed retried={} dead={} first=\"{}\"",
          delivery.id(),
          delivery.batchId(),
          failures.retried(),
          failures.dead(),
          failures.first());
    }
  }
}
