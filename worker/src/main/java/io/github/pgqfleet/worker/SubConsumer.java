package io.github.pgqfleet.worker;

import io.github.pgqfleet.lifecycle.Service;
import io.github.pgqfleet.lifecycle.ServiceContext;
import io.github.pgqfleet.worker.batch.BatchFailedException;
import io.github.pgqfleet.worker.batch.Outcome;
import io.github.pgqfleet.worker.batch.ProcessBatch;
import io.github.pgqfleet.worker.coop.PgqCoop;
import io.github.pgqfleet.worker.coop.SubConsumerId;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One slot of a queue: takes batch after batch, waits when there is none. Asked to stop, it
 * finishes its batch and leaves the group; a batch that it cannot finish stays open under its name,
 * to be continued by its next start or taken over.
 */
final class SubConsumer implements Service {

  private static final Logger log = LoggerFactory.getLogger(SubConsumer.class);

  /** In case that the tick watcher cannot watch; it is what wakes this normally. */
  private static final Duration LONGEST_WAIT = Duration.ofMinutes(1);

  private final SubConsumerId id;
  private final ProcessBatch processBatch;
  private final DataSource connections;
  private final Semaphore wakeup;
  private final QueueMetrics metrics;
  private boolean failing;

  SubConsumer(
      SubConsumerId id,
      ProcessBatch processBatch,
      DataSource connections,
      Semaphore wakeup,
      QueueMetrics metrics) {
    this.id = id;
    this.processBatch = processBatch;
    this.connections = connections;
    this.wakeup = wakeup;
    this.metrics = metrics;
  }

  @Override
  public String name() {
    return "subconsumer " + id;
  }

  @Override
  public void wake() {
    wakeup.release();
  }

  @Override
  public void run(ServiceContext context) throws Exception {
    register();
    boolean mayHaveBatch = false;
    while (mayHaveBatch || !context.stopRequested()) {
      // Before the look, so that a tick that comes during it is not missed.
      wakeup.drainPermits();
      var outcome = runOnce();
      context.succeeded();
      mayHaveBatch = outcome instanceof Outcome.Lost;
      if (outcome instanceof Outcome.Idle && !context.stopRequested()) {
        wakeup.tryAcquire(LONGEST_WAIT.toNanos(), TimeUnit.NANOSECONDS);
      }
    }
    unregister();
  }

  /** Asks for a batch and works on it, and counts what came of it. */
  Outcome runOnce() throws SQLException, BatchFailedException, InterruptedException {
    long start = System.nanoTime();
    Outcome outcome;
    try {
      outcome = processBatch.runOnce();
    } catch (BatchFailedException e) {
      metrics.failed().inc();
      tellWhere(e);
      throw e;
    }
    switch (outcome) {
      case Outcome.Idle() -> {}
      case Outcome.Finished(_, var events, var retried, var dead) -> {
        failing = false;
        metrics.batches().inc();
        metrics.events().inc(events);
        metrics.retried().inc(retried);
        metrics.dead().inc(dead);
        metrics.time().update(System.nanoTime() - start, TimeUnit.NANOSECONDS);
      }
      case Outcome.Lost(var batchId) -> {
        metrics.lost().inc();
        log.warn("subconsumer={} batch={} event=batch_lost action=rolled_back", id, batchId);
      }
    }
    return outcome;
  }

  /** The supervisor logs the message each time; where in the handler it happened is told once. */
  private void tellWhere(BatchFailedException e) {
    // The text of an SQL error may quote rows.
    if (!failing && !(e.getCause() instanceof SQLException)) {
      log.warn("subconsumer={} event=handler_failed", id, e.getCause());
    }
    failing = true;
  }

  private void register() throws SQLException {
    try (var connection = connections.getConnection()) {
      new PgqCoop(connection).registerSubconsumer(id);
    }
  }

  private void unregister() {
    try (var connection = connections.getConnection()) {
      new PgqCoop(connection).unregisterSubconsumer(id);
    } catch (SQLException e) {
      // Harmless: its next start finds itself registered.
      log.warn("subconsumer={} event=unregister_failed error=\"{}\"", id, e.getMessage());
    }
  }
}
