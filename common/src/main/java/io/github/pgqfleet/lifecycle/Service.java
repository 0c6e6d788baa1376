package io.github.pgqfleet.lifecycle;

import java.time.Duration;

/** A piece of work that goes on until it is stopped, in a thread of its own. */
public interface Service {

  /** Its name in logs, health and thread dumps; unique in its supervisor. */
  String name();

  /**
   * Works until {@link ServiceContext#stopRequested}, then returns. A return before that ends the
   * service for good; an exception makes its supervisor run it again after a pause.
   *
   * @throws Exception what went wrong; the supervisor names it in log, metric and health
   */
  void run(ServiceContext context) throws Exception;

  /**
   * Whether a stop may interrupt it at once. One that has work under way that is worth finishing
   * says no, and is interrupted only at the deadline.
   */
  default boolean interruptible() {
    return false;
  }

  /**
   * What its thread is made with: a virtual one, unless it has reason to wish for another. One of
   * the platform is to be a daemon.
   */
  default Thread.Builder thread() {
    return Thread.ofVirtual();
  }

  /** The pauses after failures double up to this. */
  default Duration longestPause() {
    return Duration.ofSeconds(30);
  }

  /** What the process's readiness has to do with this service. */
  default Part part() {
    return Part.INCIDENTAL;
  }

  /** What the process is without a service. */
  enum Part {
    /** Ready all the same. */
    INCIDENTAL,
    /** Not ready before the service has had its first turn, whatever came of it. */
    AWAITED,
    /** Nor while it fails: without it the process does none of its work. */
    ESSENTIAL
  }

  /** Called when a stop is requested, for a service that waits on something of its own. */
  default void wake() {}

  /**
   * Called when it has been interrupted at the deadline, from a thread that nobody waits for: ends
   * what an interruption does not. On a virtual thread that is nothing: an interruption closes the
   * socket that it waits for.
   */
  default void cutOff() {}

  /**
   * Called once when it is over for good, after its last run, or when it was never run: frees what
   * the service holds.
   */
  default void ended() {}
}
