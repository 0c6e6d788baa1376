package io.github.pgqfleet.mover;

import java.util.Optional;
import java.util.concurrent.Semaphore;

/**
 * Bounds what all batches under way together keep in memory. Each reserves what it may read ahead
 * before it reads, and gives back at once what it did not need. Thread-safe, first come first
 * served.
 */
final class BufferMemory {

  /** Semaphores count in int: kilobytes give room for 2 TB. */
  private static final int UNIT = 1024;

  private final int batchBytes;
  private final int units;
  private final Semaphore free;

  /**
   * @param totalBytes for all batches together
   * @param batchBytes for one batch; no more than the total
   */
  BufferMemory(int totalBytes, int batchBytes) {
    this.batchBytes = batchBytes;
    this.units = units(batchBytes);
    this.free = new Semaphore(Math.max(units(totalBytes), units), true);
  }

  private static int units(int bytes) {
    return Math.ceilDiv(bytes, UNIT);
  }

  /** Waits until there is room for one batch. Batches under way never wait for room here. */
  Reservation reserve() throws InterruptedException {
    free.acquire(units);
    return new Reservation(units);
  }

  /** Room for one batch, if there is any now. */
  Optional<Reservation> tryReserve() {
    // Which by itself would pass by those who wait.
    return !free.hasQueuedThreads() && free.tryAcquire(units)
        ? Optional.of(new Reservation(units))
        : Optional.empty();
  }

  /** Room for one batch. Not thread-safe. */
  final class Reservation implements AutoCloseable {

    private int held;

    private Reservation(int held) {
      this.held = held;
    }

    /** The same room for another owner; closing this one does nothing any more. */
    Reservation handOver() {
      var other = new Reservation(held);
      held = 0;
      return other;
    }

    /** A part of this room for another owner. */
    Reservation part(int bytes) {
      var part = new Reservation(Math.min(held, units(bytes)));
      held -= part.held;
      return part;
    }

    int bytes() {
      return batchBytes;
    }

    /** Gives back all but so many bytes. */
    void shrinkTo(int bytes) {
      var needed = Math.min(held, units(bytes));
      free.release(held - needed);
      held = needed;
    }

    @Override
    public void close() {
      shrinkTo(0);
    }
  }
}
