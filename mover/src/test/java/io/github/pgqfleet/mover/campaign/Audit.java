package io.github.pgqfleet.mover.campaign;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Compares what has been delivered with what was written, exactly: every event of a committed
 * transaction once, none of any other, those of one transaction and queue in one transaction of the
 * destination, all in the order of the source. Thread-safe.
 */
final class Audit {

  /** What one transaction wrote to one source queue. */
  record Write(String queue, long transaction) {}

  /**
   * An event at the destination.
   *
   * @param write the transaction and the source queue
   * @param number its number in that write, from 0
   * @param transaction the transaction of the destination that delivered it
   */
  record Event(Write write, int number, long transaction) {}

  private final Map<String, List<Event>> delivered = new HashMap<>();
  private final Set<Write> seen = new HashSet<>();
  private final List<String> violations = new ArrayList<>();
  private long events;

  /** Takes the events of one batch of a destination queue, in their order. */
  synchronized void delivered(List<Event> batch) {
    var writes = new LinkedHashMap<Write, List<Event>>();
    for (var event : batch) {
      writes.computeIfAbsent(event.write(), w -> new ArrayList<>()).add(event);
      delivered.computeIfAbsent(event.write().queue(), q -> new ArrayList<>()).add(event);
    }
    events += batch.size();
    writes.forEach(this::checkWrite);
  }

  private void checkWrite(Write write, List<Event> events) {
    if (!seen.add(write)) {
      violations.add(write + " is in more than one batch of the destination");
    }
    var numbers = events.stream().map(Event::number).toList();
    if (!numbers.equals(IntStream.range(0, numbers.size()).boxed().toList())) {
      violations.add(write + " has its events in this order: " + numbers);
    }
    var transactions = events.stream().map(Event::transaction).distinct().toList();
    if (transactions.size() != 1) {
      violations.add(write + " was delivered in more than one transaction: " + transactions);
    }
  }

  /** What can be seen to be wrong while events still arrive. */
  synchronized List<String> violations() {
    return List.copyOf(violations);
  }

  /** How many events have been delivered. */
  synchronized long events() {
    return events;
  }

  /**
   * Everything that is wrong when all should have arrived.
   *
   * @param committed the number of events of each write that was committed
   * @param ledger when the transactions began and were committed
   */
  synchronized List<String> differences(Map<Write, Integer> committed, Ledger ledger) {
    var differences = new ArrayList<>(violations);
    var counts = new HashMap<Write, Integer>();
    delivered.values().forEach(l -> l.forEach(e -> counts.merge(e.write(), 1, Integer::sum)));
    committed.forEach(
        (write, count) -> {
          var arrived = counts.getOrDefault(write, 0);
          if (!arrived.equals(count)) {
            differences.add(write + " has " + count + " events, of which arrived " + arrived);
          }
        });
    counts.keySet().stream()
        .filter(write -> !committed.containsKey(write))
        .forEach(write -> differences.add(write + " arrived but was not committed"));
    delivered.forEach((queue, list) -> checkOrder(list, ledger, differences));
    return differences;
  }

  /** What was committed before another transaction began was delivered before it, too. */
  private static void checkOrder(List<Event> events, Ledger ledger, List<String> differences) {
    var earliest = Long.MAX_VALUE;
    var culprit = "";
    for (var event : events.reversed()) {
      var transaction = event.write().transaction();
      if (earliest < ledger.begun(transaction)) {
        differences.add(event.write() + " was delivered before the older " + culprit);
      }
      if (ledger.committed(transaction) < earliest) {
        earliest = ledger.committed(transaction);
        culprit = event.write().toString();
      }
    }
  }
}
