package io.github.pgqfleet.worker.batch;

import io.github.pgqfleet.worker.failed.FailedEvent;
import io.github.pgqfleet.worker.failed.FailedEvents;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The failed events of one batch: collects some before it puts them aside together, so that the
 * batch is read again few times while memory stays bounded. Not thread-safe.
 */
final class FailureLog {

  /** About how many bytes are collected; what an event takes without its texts. */
  private static final int FULL = 8 << 20;

  private static final int EVENT = 100;

  private final FailedEvents failedEvents;
  private final Connection connection;
  private final long batchId;
  private final List<FailedEvent> collected = new ArrayList<>();
  private int size;
  private long retried;
  private long dead;
  private @Nullable String first;

  FailureLog(FailedEvents failedEvents, Connection connection, long batchId) {
    this.failedEvents = failedEvents;
    this.connection = connection;
    this.batchId = batchId;
  }

  /** Notes one; nothing is written yet. */
  void add(long eventId, int retry, Throwable failure) {
    var event = new FailedEvent(eventId, retry, "", "", Blame.isDead(failure));
    if (failedEvents.isDead(event)) {
      event = new FailedEvent(eventId, retry, Blame.message(failure), stack(failure), event.dead());
    }
    collected.add(event);
    size += EVENT + 2 * (event.error().length() + event.stack().length());
    if (first == null) {
      first = "event " + eventId + ": " + Blame.kind(failure);
    }
  }

  boolean isFull() {
    return size >= FULL;
  }

  /** Puts aside what is collected. What undoes this afterwards undoes it for good. */
  void write() throws SQLException {
    var counts = failedEvents.record(connection, batchId, collected);
    retried += counts.retried();
    dead += counts.dead();
    collected.clear();
    size = 0;
  }

  long retried() {
    return retried;
  }

  long dead() {
    return dead;
  }

  /** The first failure, in words that a log may have; null when there is none. */
  @Nullable String first() {
    return first;
  }

  private static String stack(Throwable failure) {
    var text = new StringWriter();
    failure.printStackTrace(new PrintWriter(text));
    return text.toString();
  }
}
