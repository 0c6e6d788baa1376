package io.github.pgqfleet.worker.batch;

import io.github.pgqfleet.worker.call.Failure;
import io.github.pgqfleet.worker.failed.FailedEvent;
import io.github.pgqfleet.worker.failed.FailedEvents;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/**
 * The events of a batch that could not be handled outside the database: held in memory until they
 * are put aside in the transaction that finishes it. Not thread-safe.
 */
final class NotedFailures {

  /** About how many bytes may be held; what an event takes without its error. */
  private static final int FULL = 16 << 20;

  private static final int EVENT = 50;

  /** Most that are put aside by one statement. */
  private static final int AT_ONCE = 50_000;

  private final FailedEvents failedEvents;
  private final List<FailedEvent> noted = new ArrayList<>();
  private long bytes;

  NotedFailures(FailedEvents failedEvents) {
    this.failedEvents = failedEvents;
  }

  void add(List<Failure> failures) {
    for (var failure : failures) {
      var event = failed(failure, "");
      // The error of one that comes again is nowhere kept.
      event = failedEvents.isDead(event) ? failed(failure, failure.error()) : event;
      noted.add(event);
      bytes += EVENT + 2L * event.error().length();
    }
  }

  private static FailedEvent failed(Failure failure, String error) {
    return new FailedEvent(failure.eventId(), failure.retry(), error, "", failure.dead());
  }

  int size() {
    return noted.size();
  }

  /** Whether no more should be held. */
  boolean isFull() {
    return bytes > FULL;
  }

  /** The id of the first event; there must be one. */
  long first() {
    return noted.getFirst().eventId();
  }

  /** Puts them aside; they stay noted, since the transaction may yet be rolled back. */
  FailedEvents.Counts putAside(Connection tx, long batchId) throws SQLException {
    long retried = 0;
    long dead = 0;
    for (int from = 0; from < noted.size(); from += AT_ONCE) {
      var some = noted.subList(from, Math.min(from + AT_ONCE, noted.size()));
      var counts = failedEvents.record(tx, batchId, some);
      retried += counts.retried();
      dead += counts.dead();
    }
    return new FailedEvents.Counts(retried, dead);
  }
}
