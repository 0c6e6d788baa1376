package io.github.pgqfleet.mover;

import java.util.concurrent.atomic.AtomicBoolean;

/** Whether the position of one source queue is lost, as its mover last saw it. Thread-safe. */
final class QueueState implements Movements {

  private final Movements totals;
  private final AtomicBoolean lost = new AtomicBoolean();

  /**
   * @param totals is told of each batch too
   */
  QueueState(Movements totals) {
    this.totals = totals;
  }

  @Override
  public void moved(long events) {
    totals.moved(events);
    lost.set(false);
  }

  /** There was no further batch just now. */
  void upToDate() {
    lost.set(false);
  }

  /** The position is lost; says whether that is news. */
  boolean lost() {
    return !lost.getAndSet(true);
  }

  boolean isLost() {
    return lost.get();
  }
}
