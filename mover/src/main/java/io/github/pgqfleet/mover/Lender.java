package io.github.pgqfleet.mover;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.sql.DataSource;

/**
 * Lends a database's few connections to many queues, first come first served. Waiting for one is no
 * failure, however long the batches before it take. Thread-safe.
 */
final class Lender {

  private final DataSource pool;
  private final Semaphore turns;

  /**
   * @param connections how many of the pool's to lend at once
   */
  Lender(DataSource pool, int connections) {
    this.pool = pool;
    this.turns = new Semaphore(connections, true);
  }

  /** A connection, in autocommit mode, until it is closed; closing it again does nothing. */
  record Loan(Connection connection, Semaphore turns, AtomicBoolean closed)
      implements AutoCloseable {

    @Override
    public void close() throws SQLException {
      if (closed.getAndSet(true)) {
        return;
      }
      try {
        connection.close();
      } finally {
        turns.release();
      }
    }

    /** The same loan for another owner; closing this one does nothing any more. */
    Loan handOver() {
      closed.set(true);
      return new Loan(connection, turns, new AtomicBoolean());
    }
  }

  /**
   * Waits for its turn.
   *
   * @throws SQLException when the database cannot be reached
   */
  Loan borrow() throws SQLException, InterruptedException {
    turns.acquire();
    return lend();
  }

  /**
   * A connection that nobody waits for, if there is one now.
   *
   * @throws SQLException when the database cannot be reached
   */
  Optional<Loan> tryBorrow() throws SQLException {
    return turns.tryAcquire() ? Optional.of(lend()) : Optional.empty();
  }

  private Loan lend() throws SQLException {
    try {
      return new Loan(pool.getConnection(), turns, new AtomicBoolean());
    } catch (SQLException | RuntimeException e) {
      turns.release();
      throw e;
    }
  }
}
