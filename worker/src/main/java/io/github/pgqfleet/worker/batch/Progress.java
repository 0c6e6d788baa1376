package io.github.pgqfleet.worker.batch;

import io.github.pgqfleet.worker.api.Event;
import io.github.pgqfleet.worker.call.Called;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** How far a batch has been handled outside the database. Not thread-safe. */
final class Progress {

  private final long batchId;
  private final String eventSql;
  private final NotedFailures failures;

  /** Behind the position, where others before them are not settled; at most a piece's. */
  private final Set<EventReader.Position> settledBeyond = new HashSet<>();

  private EventReader.Position position = EventReader.Position.START;
  private boolean complete;
  private long count;

  Progress(long batchId, String eventSql, NotedFailures failures) {
    this.batchId = batchId;
    this.eventSql = eventSql;
    this.failures = failures;
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

  /** Notes what came of a part: of the next events that are not settled. */
  void handled(List<Event> part, Called called) {
    var left = called.left().stream().map(EventReader.Position::of).collect(Collectors.toSet());
    boolean unbroken = true;
    for (var event : part) {
      var at = EventReader.Position.of(event);
      unbroken &= !left.contains(at);
      if (unbroken) {
        position = at;
      } else if (!left.contains(at)) {
        settledBeyond.add(at);
      }
    }
    if (unbroken) {
      settledBeyond.clear();
    }
    failures.add(called.failures());
    count += part.size() - called.left().size() - called.failures().size();
  }

  /** Without those that are settled although others before them are not. */
  List<Event> unsettled(List<Event> events) {
    return settledBeyond.isEmpty()
        ? events
        : events.stream()
            .filter(event -> !settledBeyond.contains(EventReader.Position.of(event)))
            .toList();
  }

  /** Those that have failed so far. */
  NotedFailures failures() {
    return failures;
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
