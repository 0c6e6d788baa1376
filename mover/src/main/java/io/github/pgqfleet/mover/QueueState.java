package io.github.pgqfleet.mover;

import io.github.pgqfleet.pgq.Tick;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;

/** How far the mover of one source queue has come, and whether it can go on. Thread-safe. */
final class QueueState implements Movements {

  private final Movements totals;
  private final AtomicBoolean lost = new AtomicBoolean();
  private volatile Optional<Tick> delivered = Optional.empty();

  /**
   * @param totals is told of each batch too
   */
  QueueState(Movements totals) {
    this.totals = totals;
  }

  @Override
  public void moved(Tick upTo, long events) {
    totals.moved(upTo, events);
    delivered = Optional.of(upTo);
    lost.set(false);
  }

  /** There was no further batch just now. */
  void upToDate() {
    lost.set(false);
  }

  /** The position is lost; says whether that is news. */
  boolean lost() {
    // A queue that was made anew offers the same ticks a second time.
    delivered = Optional.empty();
    return !lost.getAndSet(true);
  }

  /** The tick up to which this mover has delivered; empty where it has not yet. */
  Optional<Tick> delivered() {
    return delivered;
  }

  boolean isLost() {
    return lost.get();
  }
}
