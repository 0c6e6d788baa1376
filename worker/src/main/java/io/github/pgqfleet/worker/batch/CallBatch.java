package io.github.pgqfleet.worker.batch;

import io.github.pgqfleet.pgq.Pgq;
import io.github.pgqfleet.sql.Transactions;
import io.github.pgqfleet.worker.call.CalledBatch;
import io.github.pgqfleet.worker.call.EventCaller;
import io.github.pgqfleet.worker.coop.PgqCoop;
import io.github.pgqfleet.worker.coop.SubConsumerId;
import io.github.pgqfleet.worker.failed.FailedEvents;
import io.github.pgqfleet.worker.flow.RateLimit;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The protocol that processes a batch with a handler outside the database, which is called while no
 * transaction is open:
 *
 * <ol>
 *   <li>committed: {@code next_batch} with the dead interval;
 *   <li>part by part: events are read in a short transaction, and the handler is called;
 *   <li>in one transaction: the failed events are put aside; then, as in {@link ProcessBatch},
 *       {@code next_batch} must still return this batch, and {@code finish_batch} return 1;
 *   <li>meanwhile, from another connection, a heartbeat, which interrupts the call when the batch
 *       is lost.
 * </ol>
 *
 * <p>When nothing can be handled just now, the batch stays open, the heartbeat goes on, and the
 * next call goes on with the events that are not settled: an outage makes nobody take the batch
 * over, and nothing is sent again because of it.
 *
 * <p>One sub-consumer's; used from one thread.
 */
public final class CallBatch implements BatchProcessor {

  private static final Logger log = LoggerFactory.getLogger(CallBatch.class);

  private final SubConsumerId id;
  private final EventCaller caller;
  private final FailedEvents failedEvents;
  private final RateLimit limit;
  private final DataSource connections;
  private final DataSource heartbeatConnections;
  private final Duration deadInterval;
  private final Duration heartbeatInterval;
  private final EventReader reader;
  private @Nullable Progress progress;

  /** Between two runs, while a batch waits. */
  private @Nullable Heartbeat waiting;

  /**
   * @param caller the handler; not this one's to close
   * @param failedEvents where failed events go
   * @param limit what it may be given
   * @param connections for short transactions; sessions in READ COMMITTED
   * @param heartbeatConnections for heartbeats, which must not wait for the former
   * @param fetchSize most events that are fetched at once
   */
  public CallBatch(
      SubConsumerId id,
      EventCaller caller,
      FailedEvents failedEvents,
      RateLimit limit,
      DataSource connections,
      DataSource heartbeatConnections,
      Duration deadInterval,
      Duration heartbeatInterval,
      int fetchSize) {
    this.id = id;
    this.caller = caller;
    this.failedEvents = failedEvents;
    this.limit = limit;
    this.connections = connections;
    this.heartbeatConnections = heartbeatConnections;
    this.deadInterval = deadInterval;
    this.heartbeatInterval = heartbeatInterval;
    this.reader = new EventReader(connections, fetchSize);
  }

  @Override
  public Duration pause() {
    return caller.pause();
  }

  @Override
  public Outcome runOnce() throws SQLException, BatchFailedException, InterruptedException {
    endWaiting();
    var batch = open();
    if (batch == null) {
      return new Outcome.Idle();
    }
    try {
      return run(batch);
    } finally {
      if (progress != null) {
        // Whatever it was, the batch is still open, and how far it is, is known here only.
        waiting = heartbeat(batch.batchId(), () -> {});
        waiting.start();
      }
    }
  }

  private Outcome run(Progress batch)
      throws SQLException, BatchFailedException, InterruptedException {
    var worker = Thread.currentThread();
    var heartbeat = heartbeat(batch.batchId(), worker::interrupt);
    Throwable failure = null;
    try (heartbeat) {
      heartbeat.start();
      callAll(batch);
    } catch (Throwable e) {
      failure = e;
    }
    // From here on no heartbeat can open a batch or interrupt.
    boolean interrupted = Thread.interrupted();
    if (heartbeat.lost()) {
      progress = null;
      return new Outcome.Lost(batch.batchId());
    }
    if (interrupted || failure instanceof InterruptedException) {
      throw new InterruptedException("interrupted in batch " + batch.batchId() + " of " + id);
    }
    if (failure instanceof SQLException sql) {
      throw sql;
    }
    if (failure != null) {
      throw new BatchFailedException(id, batch.batchId(), failure);
    }
    return finish(batch);
  }

  private Heartbeat heartbeat(long batchId, Runnable onLoss) {
    return new Heartbeat(heartbeatConnections, id, batchId, heartbeatInterval, onLoss);
  }

  private void endWaiting() {
    if (waiting != null) {
      waiting.close();
      waiting = null;
    }
  }

  @Override
  public void close() {
    endWaiting();
  }

  /** Asks for a batch; where it is the one that was given up before, with what is done of it. */
  private @Nullable Progress open() throws SQLException {
    try (var connection = connections.getConnection()) {
      var batch = new PgqCoop(connection).nextBatch(id, deadInterval);
      if (batch.isEmpty()) {
        progress = null;
        return null;
      }
      var sql = new Pgq(connection).batchEventSql(batch.getAsLong());
      var known = progress;
      if (known == null || !known.isOf(batch.getAsLong(), sql)) {
        known = new Progress(batch.getAsLong(), sql, new NotedFailures(failedEvents));
        progress = known;
      }
      return known;
    }
  }

  private void callAll(Progress batch) throws Exception {
    var called = new CalledBatch(id, batch.batchId());
    while (!batch.isComplete()) {
      var ahead = reader.read(batch.eventSql(), batch.position());
      var events = batch.unsettled(ahead.events());
      for (int from = 0; from < events.size(); from += caller.eventsPerCall()) {
        if (Thread.interrupted()) {
          throw new InterruptedException();
        }
        var part = events.subList(from, Math.min(from + caller.eventsPerCall(), events.size()));
        limit.acquire(part.size());
        var came = caller.call(called, part);
        batch.handled(part, came);
        if (came.cutShort() != null) {
          throw came.cutShort();
        }
        if (batch.failures().isFull()) {
          progress = null;
          throw new IllegalStateException(
              "%d of its events have failed, and it is begun anew; see what the handler has against"
                      .formatted(batch.failures().size())
                  + " them");
        }
      }
      if (ahead.last()) {
        batch.complete();
      }
    }
  }

  private Outcome finish(Progress batch) throws SQLException {
    try (var connection = connections.getConnection()) {
      var counts =
          Transactions.<FailedEvents.Counts, BatchLostException>inTransaction(
              connection,
              tx -> {
                var frame = new BatchTransaction(tx, id, batch.batchId());
                if (!frame.isOpen()) {
                  throw new BatchLostException("nobody has it open");
                }
                frame.begin();
                var put = putAside(tx, batch);
                frame.finish();
                return put;
              });
      tell(batch, counts);
      progress = null;
      return new Outcome.Finished(batch.batchId(), batch.count(), counts.retried(), counts.dead());
    } catch (BatchLostException e) {
      progress = null;
      return new Outcome.Lost(batch.batchId());
    } catch (SQLException e) {
      if (FailedEvents.BATCH_NOT_OPEN.equals(e.getSQLState())) {
        progress = null;
        return new Outcome.Lost(batch.batchId());
      }
      throw e;
    }
  }

  /** Reads the batch again, which may take long where it is large. */
  private FailedEvents.Counts putAside(Connection tx, Progress batch) throws SQLException {
    try (var heartbeat = heartbeat(batch.batchId(), () -> {})) {
      heartbeat.start();
      return batch.failures().putAside(tx, batch.batchId());
    }
  }

  /** The errors stay out of the log: they may quote payloads. */
  private void tell(Progress batch, FailedEvents.Counts counts) {
    if (batch.failures().size() > 0) {
      log.warn(
          "subconsumer={} batch={} event=events_failed retried={} dead={} first={}",
          id,
          batch.batchId(),
          counts.retried(),
          counts.dead(),
          batch.failures().first());
    }
  }
}
