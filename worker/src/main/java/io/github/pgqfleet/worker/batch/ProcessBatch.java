package io.github.pgqfleet.worker.batch;

import io.github.pgqfleet.sql.Transactions;
import io.github.pgqfleet.worker.coop.PgqCoop;
import io.github.pgqfleet.worker.coop.SubConsumerId;
import io.github.pgqfleet.worker.failed.FailedEvents;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.OptionalLong;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;

/**
 * The protocol that processes a batch:
 *
 * <ol>
 *   <li>committed: {@code next_batch} with the dead interval;
 *   <li>in one transaction: the handler; then {@code next_batch} without dead interval, which locks
 *       the main consumer's row and must still return this batch; then {@code finish_batch}, which
 *       must return 1. Otherwise everything is rolled back;
 *   <li>meanwhile, from another connection, a heartbeat.
 * </ol>
 *
 * <p>The second runs without savepoints. When it fails in a way that may be an event's, it runs
 * once more, and finds the events that fail: they are put aside in that same transaction, to be
 * retried or as dead letters, and all others are handled.
 *
 * <p>One sub-consumer's; used from one thread, but for {@link #abort}.
 */
public final class ProcessBatch implements BatchProcessor {

  private final SubConsumerId id;
  private final BatchWork work;
  private final DataSource connections;
  private final DataSource heartbeatConnections;
  private final Duration deadInterval;
  private final Duration heartbeatInterval;
  private final EventSearch search;

  /** Not yet given back to the pool. Guarded by this. */
  private @Nullable Connection borrowed;

  private boolean aborted;

  /** What is done in the transaction before the batch is finished. */
  private interface Handling {
    Handled run(Connection connection, String eventSql, BatchDelivery delivery) throws Exception;
  }

  /**
   * @param connections for batches; sessions in READ COMMITTED
   * @param heartbeatConnections for heartbeats, which must not wait for the former
   * @param deadInterval after how long without a sign of life a sibling's batch is taken over
   * @param heartbeatInterval how often to give a sign of life; much shorter
   * @param failedEvents where failed events go
   * @param fetchSize most events of a batch that are held in memory
   */
  public ProcessBatch(
      SubConsumerId id,
      BatchWork work,
      DataSource connections,
      DataSource heartbeatConnections,
      Duration deadInterval,
      Duration heartbeatInterval,
      FailedEvents failedEvents,
      int fetchSize) {
    this.id = id;
    this.work = work;
    this.connections = connections;
    this.heartbeatConnections = heartbeatConnections;
    this.deadInterval = deadInterval;
    this.heartbeatInterval = heartbeatInterval;
    // The cursor holds as many as the part that is being handled.
    this.search = new EventSearch(work, failedEvents, Math.max(1, fetchSize / 2));
  }

  @Override
  public Outcome runOnce() throws SQLException, BatchFailedException, InterruptedException {
    try (var connection = connections.getConnection()) {
      borrowed(connection);
      try {
        OptionalLong batch = new PgqCoop(connection).nextBatch(id, deadInterval);
        if (batch.isEmpty()) {
          return new Outcome.Idle();
        }
        return process(connection, batch.getAsLong());
      } finally {
        borrowed(null);
      }
    }
  }

  private synchronized void borrowed(@Nullable Connection connection) {
    borrowed = connection;
    if (aborted && connection != null) {
      cut(connection);
    }
  }

  @Override
  public synchronized void abort() {
    aborted = true;
    if (borrowed != null) {
      cut(borrowed);
    }
  }

  private Outcome process(Connection connection, long batchId)
      throws SQLException, BatchFailedException, InterruptedException {
    try {
      return transaction(connection, batchId, this::atOnce);
    } catch (SQLException | BatchFailedException e) {
      // An SQLException may be the commit's, which is where deferred constraints are checked.
      if (!Blame.mayLieWithAnEvent(e)) {
        throw e;
      }
    }
    return transaction(connection, batchId, search::run);
  }

  private Handled atOnce(Connection connection, String eventSql, BatchDelivery delivery)
      throws Exception {
    return new Handled(work.handle(connection, eventSql, delivery), 0, 0);
  }

  private Outcome transaction(Connection connection, long batchId, Handling handling)
      throws SQLException, BatchFailedException, InterruptedException {
    try {
      var handled =
          Transactions.<Handled, Exception>inTransaction(
              connection,
              tx -> {
                var frame = new BatchTransaction(tx, id, batchId);
                var done = handle(tx, batchId, frame.begin(), handling);
                frame.finish();
                return done;
              });
      return new Outcome.Finished(batchId, handled.events(), handled.retried(), handled.dead());
    } catch (BatchLostException e) {
      return new Outcome.Lost(batchId);
    } catch (SQLException | BatchFailedException | InterruptedException | RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  private Handled handle(Connection connection, long batchId, String eventSql, Handling handling)
      throws BatchLostException, BatchFailedException, InterruptedException {
    var worker = Thread.currentThread();
    var heartbeat =
        new Heartbeat(
            heartbeatConnections,
            id,
            batchId,
            heartbeatInterval,
            () -> stopHandler(worker, connection));
    var handled = new Handled(0, 0, 0);
    Throwable failure = null;
    try (heartbeat) {
      heartbeat.start();
      handled = handling.run(connection, eventSql, new BatchDelivery(id, batchId));
    } catch (EventFailedException e) {
      failure = e.reason();
    } catch (Throwable e) {
      // Errors too: a class that the handler lacks is its failure, and not the worker's end.
      failure = e;
    }
    // From here on no heartbeat can open a batch or interrupt.
    boolean interrupted = Thread.interrupted();
    if (failure instanceof BatchLostException lost) {
      throw lost;
    }
    if (heartbeat.lost()) {
      var lost = new BatchLostException("a heartbeat found it lost");
      if (failure != null) {
        lost.addSuppressed(failure);
      }
      throw lost;
    }
    if (interrupted || (failure != null && Blame.isInterrupted(failure))) {
      var e = new InterruptedException("interrupted while handling batch " + batchId + " of " + id);
      e.initCause(failure);
      throw e;
    }
    if (failure != null) {
      throw new BatchFailedException(id, batchId, failure);
    }
    return handled;
  }

  /**
   * Ends what the handler does, and whatever it may ask the database next. First it is told, since
   * one that goes on after an error would ask before the connection is cut.
   */
  private static void stopHandler(Thread worker, Connection connection) {
    worker.interrupt();
    cut(connection);
  }

  /** Ends the statement on the server as well, which would not notice for long that it is alone. */
  private static void cut(Connection connection) {
    try {
      connection.unwrap(PGConnection.class).cancelQuery();
    } catch (SQLException e) {
      // It is closed, or the server cannot be reached and ends the statement by its timeout.
    }
    try {
      connection.abort(Runnable::run);
    } catch (SQLException e) {
      // It is closed.
    }
  }

  @Override
  public void close() {
    work.close();
  }
}
