package io.github.pgqfleet.mover;

import io.github.pgqfleet.lifecycle.ServiceContext;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/** Wakes a queue's thread. Signals that come while it works count once. Thread-safe. */
final class Wakeup {

  private final Semaphore signals = new Semaphore(0);

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

  /** Waits for a signal, but no longer than so long. */
  void await(Duration longest) throws InterruptedException {
    if (signals.tryAcquire(longest.toNanos(), TimeUnit.NANOSECONDS)) {
      signals.drainPermits();
    }
  }
}
