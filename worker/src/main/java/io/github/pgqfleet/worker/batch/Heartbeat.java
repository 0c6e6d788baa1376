package io.github.pgqfleet.worker.batch;

import io.github.pgqfleet.worker.coop.PgqCoop;
import io.github.pgqfleet.worker.coop.SubConsumerId;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Shows, from another connection, that the sub-consumer is alive while its batch is open: the first
 * time after an interval, so that short batches cost nothing. When the batch turns out to be lost,
 * {@code onLoss} is called once, so that the handler stops working in vain.
 *
 * <p>A heartbeat that comes when the batch is already lost opens the next one. It is found by the
 * next {@code next_batch} of this sub-consumer.
 */
final class Heartbeat implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(Heartbeat.class);

  private final DataSource connections;
  private final SubConsumerId id;
  private final long batchId;
  private final Duration interval;
  private final Runnable onLoss;
  private final CountDownLatch stop = new CountDownLatch(1);
  private final Thread thread;
  private volatile boolean lost;

  Heartbeat(
      DataSource connections, SubConsumerId id, long batchId, Duration interval, Runnable onLoss) {
    this.connections = connections;
    this.id = id;
    this.batchId = batchId;
    this.interval = interval;
    this.onLoss = onLoss;
    this.thread = Thread.ofVirtual().name("heartbeat " + id).unstarted(this::beat);
  }

  void start() {
    thread.start();
  }

  /** Whether the batch is known to be another's. Final once the heartbeat is closed. */
  boolean lost() {
    return lost;
  }

  private void beat() {
    try {
      boolean failing = false;
      while (!lost && !stop.await(interval.toNanos(), TimeUnit.NANOSECONDS)) {
        try {
          lost = !beatOnce();
          failing = false;
        } catch (SQLException e) {
          if (!failing) {
            log.warn(
                "subconsumer={} batch={} event=heartbeat_failed error=\"{}\"",
                id,
                batchId,
                e.getMessage());
          }
          failing = true;
        }
      }
      if (lost) {
        onLoss.run();
      }
    } catch (InterruptedException e) {
      // Nobody interrupts this thread; the batch goes on without it.
      Thread.currentThread().interrupt();
    }
  }

  /** Whether the batch is still this sub-consumer's. Autocommit: the lock is given up at once. */
  private boolean beatOnce() throws SQLException {
    try (var connection = connections.getConnection()) {
      var open = new PgqCoop(connection).beat(id);
      return open.isPresent() && open.getAsLong() == batchId;
    }
  }

  /**
   * Stops it and waits until it has ended: nothing of it can happen afterwards. Not cut short by an
   * interruption, which stays pending.
   */
  @Override
  public void close() {
    stop.countDown();
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
