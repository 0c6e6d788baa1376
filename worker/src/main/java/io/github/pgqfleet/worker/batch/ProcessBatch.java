package io.github.pgqfleet.worker.batch;

import io.github.pgqfleet.sql.Transactions;
import io.github.pgqfleet.worker.coop.PgqCoop;
import io.github.pgqfleet.worker.coop.SubConsumerId;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.OptionalLong;
import javax.sql.DataSource;
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
 * <p>One sub-consumer's; used from one thread.
 */
public final class ProcessBatch {

  private final SubConsumerId id;
  private final BatchWork work;
  private final DataSource connections;
  private final DataSource heartbeatConnections;
  private final Duration deadInterval;
  private final Duration heartbeatInterval;

  /**
   * @param connections for batches; sessions in READ COMMITTED
   * @param heartbeatConnections for heartbeats, which must not wait for the former
   * @param deadInterval after how long without a sign of life a sibling's batch is taken over
   * @param heartbeatInterval how often to give a sign of life; much shorter
   */
  public ProcessBatch(
      SubConsumerId id,
      BatchWork work,
      DataSource connections,
      DataSource heartbeatConnections,
      Duration deadInterval,
      Duration heartbeatInterval) {
    this.id = id;
    this.work = work;
    this.connections = connections;
    this.heartbeatConnections = heartbeatConnections;
    this.deadInterval = deadInterval;
    this.heartbeatInterval = heartbeatInterval;
  }

  /**
   * Asks for a batch and works on it.
   *
   * @throws BatchFailedException when the handler failed; the batch is rolled back and stays open
   * @throws SQLException on trouble with the database; nothing is known but what is read again
   * @throws InterruptedException when the thread was interrupted; the batch is rolled back
   */
  public Outcome runOnce() throws SQLException, BatchFailedException, InterruptedException {
    try (var connection = connections.getConnection()) {
      OptionalLong batch = new PgqCoop(connection).nextBatch(id, deadInterval);
      if (batch.isEmpty()) {
        return new Outcome.Idle();
      }
      return process(connection, batch.getAsLong());
    }
  }

  private Outcome process(Connection connection, long batchId)
      throws SQLException, BatchFailedException, InterruptedException {
    try {
      long events =
          Transactions.<Long, Exception>inTransaction(
              connection,
              tx -> {
                var frame = new BatchTransaction(tx, id, batchId);
                long handled = handle(tx, batchId, frame.begin());
                frame.finish();
                return handled;
              });
      return new Outcome.Finished(batchId, events);
    } catch (BatchLostException e) {
      return new Outcome.Lost(batchId);
    } catch (SQLException | BatchFailedException | InterruptedException | RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  private long handle(Connection connection, long batchId, String eventSql)
      throws BatchLostException, BatchFailedException, InterruptedException {
    var worker = Thread.currentThread();
    var heartbeat =
        new Heartbeat(
            heartbeatConnections,
            id,
            batchId,
            heartbeatInterval,
            () -> stopHandler(worker, connection));
    long events = 0;
    Throwable failure = null;
    try (heartbeat) {
      heartbeat.start();
      events =
          work.handle(
              connection,
              eventSql,
              new BatchDelivery(id, batchId, GuardedConnection.around(connection)));
    } catch (Throwable e) {
      // Errors too: a class that the handler lacks is its failure, and not the worker's end.
      failure = e;
    }
    // From here on no heartbeat can open a batch or interrupt.
    boolean interrupted = Thread.interrupted();
    if (heartbeat.lost()) {
      var lost = new BatchLostException("a heartbeat found it lost");
      if (failure != null) {
        lost.addSuppressed(failure);
      }
      throw lost;
    }
    if (interrupted || failure instanceof InterruptedException) {
      throw new InterruptedException("interrupted while handling batch " + batchId + " of " + id);
    }
    if (failure != null) {
      throw new BatchFailedException(id, batchId, failure);
    }
    return events;
  }

  /** Ends what the handler does on the server, then whatever else it does. */
  private static void stopHandler(Thread worker, Connection connection) {
    try {
      connection.unwrap(PGConnection.class).cancelQuery();
    } catch (SQLException e) {
      // The interruption cuts the connection instead.
    }
    worker.interrupt();
  }
}
