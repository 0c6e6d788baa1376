package io.github.pgqfleet.mover;

import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;

/** What the mover knows of one source queue, for status and metrics. Thread-safe. */
final class QueueState implements Movements {

  /** A copy of what is known at one moment. */
  record Snapshot(
      String queue,
      long events,
      long batches,
      Optional<Instant> upToDateAt,
      Optional<String> positionLost) {}

  private final SourceQueue queue;
  private final InstantSource clock;
  private final Movements totals;
  private long events;
  private long batches;
  private Optional<Instant> upToDateAt = Optional.empty();
  private Optional<String> positionLost = Optional.empty();

  QueueState(SourceQueue queue, InstantSource clock, Movements totals) {
    this.queue = queue;
    this.clock = clock;
    this.totals = totals;
  }

  @Override
  public void moved(long events) {
    totals.moved(events);
    synchronized (this) {
      this.events += events;
      batches++;
      positionLost = Optional.empty();
    }
  }

  /** There was no further batch just now. */
  synchronized void upToDate() {
    upToDateAt = Optional.of(clock.instant());
    positionLost = Optional.empty();
  }

  /** The position is lost; says whether that is news. */
  synchronized boolean lost(String why) {
    var news = positionLost.isEmpty();
    positionLost = Optional.of(why);
    return news;
  }

  synchronized boolean isLost() {
    return positionLost.isPresent();
  }

  synchronized Snapshot snapshot() {
    return new Snapshot(queue.id(), events, batches, upToDateAt, positionLost);
  }
}
