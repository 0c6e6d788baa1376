package io.github.pgqfleet.ticker;

import io.github.pgqfleet.lifecycle.Backoff;
import io.github.pgqfleet.sql.Database;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;

/**
 * The queues of one database that cannot be ticked. They are left alone for a while, ever longer,
 * and then tried by themselves, so that they cost the others nothing. Not thread-safe.
 */
final class SuspectQueues {

  private static final Duration FIRST = Duration.ofSeconds(1);
  private static final Duration LONGEST = Duration.ofMinutes(1);

  private final Database database;
  private final FailureLog failures;
  private final LongSupplier nanoClock;
  private final Map<String, Suspect> suspects = new HashMap<>();

  private static final class Suspect {
    private final Backoff backoff = new Backoff(FIRST, LONGEST);
    private long againAt;
  }

  SuspectQueues(Database database, FailureLog failures, LongSupplier nanoClock) {
    this.database = database;
    this.failures = failures;
    this.nanoClock = nanoClock;
  }

  /** Whether the queue failed and has not succeeded since. */
  boolean contains(String queue) {
    return suspects.containsKey(queue);
  }

  /** All of them. */
  Set<String> all() {
    return Set.copyOf(suspects.keySet());
  }

  /** Those that are to be left alone now. */
  Set<String> resting() {
    var now = nanoClock.getAsLong();
    return suspects.entrySet().stream()
        .filter(e -> e.getValue().againAt - now > 0)
        .map(Map.Entry::getKey)
        .collect(Collectors.toUnmodifiableSet());
  }

  /** Says that a queue failed by itself. */
  void failed(String queue, Exception reason) {
    var suspect = suspects.computeIfAbsent(queue, q -> new Suspect());
    suspect.againAt = nanoClock.getAsLong() + suspect.backoff.next().toNanos();
    failures.failed(database, part(queue), reason);
  }

  /** Says that a queue is well, paused or gone. */
  void cleared(String queue) {
    if (suspects.remove(queue) != null) {
      failures.succeeded(database, part(queue));
    }
  }

  /** Forgets all of them, when somebody else takes the database over. */
  void clear() {
    all().forEach(this::cleared);
  }

  private String part(String queue) {
    return "queue " + database + "/" + queue;
  }
}
