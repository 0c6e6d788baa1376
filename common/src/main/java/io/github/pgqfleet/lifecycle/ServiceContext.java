package io.github.pgqfleet.lifecycle;

import java.time.Duration;

/** What a supervisor tells a running service, and is told by it. Thread-safe. */
public interface ServiceContext {

  /** Whether the service shall finish what it has under way and return. */
  boolean stopRequested();

  /**
   * Waits, but no longer than until a stop is requested.
   *
   * @return true when the time has passed, false when the service shall stop
   */
  boolean sleep(Duration duration) throws InterruptedException;

  /** The service has done what it is for: earlier failures are over. */
  void succeeded();
}
