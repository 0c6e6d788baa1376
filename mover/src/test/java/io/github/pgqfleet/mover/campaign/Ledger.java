package io.github.pgqfleet.mover.campaign;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * When the application's transactions began and were committed, by a clock that only counts: what
 * is committed at 5 happened before what began at 6. Thread-safe.
 */
final class Ledger {

  private final AtomicLong clock = new AtomicLong();
  private final Map<Long, Long> committed = new ConcurrentHashMap<>();
  private final AtomicLong rolledBack = new AtomicLong();

  /** Begins a transaction: its number, which is also the time. */
  long begin() {
    return clock.incrementAndGet();
  }

  /** Its commit was answered. */
  void commit(long transaction) {
    committed.put(transaction, clock.incrementAndGet());
  }

  void rollBack() {
    rolledBack.incrementAndGet();
  }

  long begun(long transaction) {
    return transaction;
  }

  /** When its commit was known; never, if the answer was lost. */
  long committed(long transaction) {
    return committed.getOrDefault(transaction, Long.MAX_VALUE);
  }

  long rolledBack() {
    return rolledBack.get();
  }
}
