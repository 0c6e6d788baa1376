package io.github.pgqfleet.worker;

import io.github.pgqfleet.lifecycle.Service;
import io.github.pgqfleet.lifecycle.ServiceContext;
import io.github.pgqfleet.worker.batch.BatchFailedException;
import io.github.pgqfleet.worker.batch.BatchProcessor;
import io.github.pgqfleet.worker.batch.Outcome;
import io.github.pgqfleet.worker.call.UnavailableException;
import io.github.pgqfleet.worker.coop.PgqCoop;
import io.github.pgqfleet.worker.coop.SubConsumerId;
import io.github.pgqfleet.worker.flow.Gates;
import io.github.pgqfleet.worker.flow.RateLimit;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
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
  private final Thread.Builder thread;
  private final Supplier<BatchProcessor> processors;
  private final DataSource connections;
  private final Semaphore wakeup;
  private final Gates gates;
  private final RateLimit limit;
  private final QueueMetrics metrics;
  private final Runnable whenEnded;
  private volatile @Nullable BatchProcessor processor;
  private boolean failing;

  /**
   * @param thread what its thread is made with
   * @param processors makes what processes the batches, when it begins; closed when it has ended
   * @param wakeup permits are wake-ups
   * @param gates no batch is asked for while the queue is paused
   * @param limit no batch is asked for before the last ones' events are paid for
   * @param whenEnded called once when it will not run any more
   */
  SubConsumer(
      SubConsumerId id,
      Thread.Builder thread,
      Supplier<BatchProcessor> processors,
      DataSource connections,
      Semaphore wakeup,
      Gates gates,
      RateLimit limit,
      QueueMetrics metrics,
      Runnable whenEnded) {
    this.id = id;
    this.thread = thread;
    this.processors = processors;
    this.connections = connections;
    this.wakeup = wakeup;
    this.gates = gates;
    this.limit = limit;
    this.metrics = metrics;
    this.whenEnded = whenEnded;
  }

  @Override
  public String name() {
    return name(id);
  }

  /** The service's name of a sub-consumer. */
  static String name(SubConsumerId id) {
    return "subconsumer " + id;
  }

  @Override
  public Thread.Builder thread() {
    return thread;
  }

  @Override
  public void cutOff() {
    var made = processor;
    if (made != null) {
      made.abort();
    }
  }

  @Override
  public void wake() {
    wakeup.release();
  }

  @Override
  public void run(ServiceContext context) throws Exception {
    var processor = processor();
    register();
    boolean mayHaveBatch = false;
    while (mayHaveBatch || context.sleep(pause(processor))) {
      // Before the look, so that a tick that comes during it is not missed.
      wakeup.drainPermits();
      if (!mayHaveBatch && gates.isPaused(id.queue())) {
        context.succeeded();
        wakeup.tryAcquire(LONGEST_WAIT.toNanos(), TimeUnit.NANOSECONDS);
        continue;
      }
      var outcome = runOnce(processor, context);
      context.succeeded();
      mayHaveBatch = outcome instanceof Outcome.Lost;
      if (outcome instanceof Outcome.Idle && !context.stopRequested()) {
        wakeup.tryAcquire(LONGEST_WAIT.toNanos(), TimeUnit.NANOSECONDS);
      }
    }
    // First, since a late sign of life would register it again.
    closeProcessor();
    unregister();
  }

  private Duration pause(BatchProcessor processor) {
    var asked = processor.pause();
    var owed = limit.owed();
    return asked.compareTo(owed) > 0 ? asked : owed;
  }

  private BatchProcessor processor() {
    var made = processor;
    if (made == null) {
      made = processors.get();
      processor = made;
    }
    return made;
  }

  /** Asks for a batch and works on it, and counts what came of it. */
  private Outcome runOnce(BatchProcessor processor, ServiceContext context)
      throws SQLException, BatchFailedException, InterruptedException {
    long start = System.nanoTime();
    Outcome outcome;
    try {
      outcome = processor.runOnce();
    } catch (BatchFailedException e) {
      metrics.failed().inc();
      tellWhere(e.getCause());
      throw e;
    } catch (InterruptedException e) {
      // Without a stop nobody has interrupted it: the handler throws that of itself.
      if (!context.stopRequested()) {
        metrics.failed().inc();
        tellWhere(e);
      }
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
        limit.spend(events + retried + dead);
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
  private void tellWhere(@Nullable Throwable failure) {
    // The text of an SQL error may quote rows.
    if (!failing
        && !(failure instanceof SQLException)
        && !(failure instanceof UnavailableException)) {
      log.warn("subconsumer={} event=handler_failed", id, failure);
    }
    failing = true;
  }

  private void register() throws SQLException {
    try (var connection = connections.getConnection()) {
      new PgqCoop(connection).registerSubconsumer(id);
      gates.learn(connection, id.consumer());
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

  private void closeProcessor() {
    var made = processor;
    if (made != null) {
      made.close();
      processor = null;
    }
  }

  @Override
  public void ended() {
    closeProcessor();
    whenEnded.run();
  }
}
