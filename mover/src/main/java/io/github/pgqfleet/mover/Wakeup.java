package io.github.pgqfleet.mover;

import io.github.pgqfleet.lifecycle.ServiceContext;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/** Wakes a queue's thread. Signals that come while it works count once. Thread-safe. */
final class Wakeup {

  private final Semaphore signals = new Semaphore(0);
  private volatile boolean waitsForCompany;

  /** There is, or may be, a new batch. */
  void signal() {
    if (signals.availablePermits() == 0) {
      signals.release();
    }
  }

  /**
   * Waits for a signal.
   *
   * @return false when the service shall stop
   */
  boolean await(ServiceContext context) throws InterruptedException {
    // The signal that came with the stop may have ended another wait.
    if (context.stopRequested()) {
      return false;
    }
    signals.acquire();
    signals.drainPermits();
    return !context.stopRequested();
  }

  /** Another queue of the same database is about to ask it: a signal for what waits for that. */
  void company() {
    if (waitsForCompany) {
      signal();
    }
  }

  /** Waits for a signal or for {@link #company}, but no longer than so long. */
  void awaitCompany(Duration longest) throws InterruptedException {
    waitsForCompany = true;
    try {
      if (signals.tryAcquire(longest.toNanos(), TimeUnit.NANOSECONDS)) {
        signals.drainPermits();
      }
    } finally {
      waitsForCompany = false;
    }
  }
}
