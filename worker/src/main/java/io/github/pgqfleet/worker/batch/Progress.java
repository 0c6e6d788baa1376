package io.github.pgqfleet.worker.batch;

import io.github.pgqfleet.worker.api.Event;
import io.github.pgqfleet.worker.call.Failure;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** How far a batch has been handled outside the database. Not thread-safe. */
final class Progress {

  private final long batchId;
  private final String eventSql;
  private final List<Failure> failures = new ArrayList<>();
  private EventReader.Position position = EventReader.Position.START;
  private boolean complete;
  private long count;

  Progress(long batchId, String eventSql) {
    this.batchId = batchId;
    this.eventSql = eventSql;
  }

  /** Whether it is of this very batch: an id alone may come again in a restored database. */
  boolean isOf(long otherId, String otherSql) {
    return batchId == otherId && eventSql.equals(otherSql);
  }

  long batchId() {
    return batchId;
  }

  String eventSql() {
    return eventSql;
  }

  EventReader.Position position() {
    return position;
  }

  /** Notes that a part has been handled, but for some of its events. */
  void handled(List<Event> part, List<Failure> failed) {
    position = EventReader.Position.of(part.getLast());
    failures.addAll(failed);
    count += part.size() - failed.size();
  }

  /** Those that have failed so far. */
  List<Failure> failures() {
    return Collections.unmodifiableList(failures);
  }

  /** How many events have been handled so far. */
  long count() {
    return count;
  }

  void complete() {
    complete = true;
  }

  boolean isComplete() {
    return complete;
  }
}
