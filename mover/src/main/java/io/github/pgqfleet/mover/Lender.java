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

  private final DataSource first;
  private final DataSource others;
  private final Semaphore turns;
  private final AtomicBoolean firstIsLent = new AtomicBoolean();

  /**
   * @param connections how many of the pool's to lend at once
   */
  Lender(DataSource pool, int connections) {
    this(pool, pool, connections);
  }

  /**
   * Lends the others' connections only while the first one is lent: a pool by itself gives each
   * thread the connection that it had before, and a session that is seldom used costs the server
   * more each time.
   *
   * @param first a pool of one connection
   * @param connections how many to lend at once, of both together
   */
  Lender(DataSource first, DataSource others, int connections) {
    this.first = first;
    this.others = others;
    this.turns = new Semaphore(connections, true);
  }

  /** A connection, in autocommit mode, until it is closed; closing it again does nothing. */
  record Loan(Connection connection, Runnable giveBack, AtomicBoolean closed)
      implements AutoCloseable {

    @Override
    public void close() throws SQLException {
      if (closed.getAndSet(true)) {
        return;
      }
      try {
        connection.close();
      } finally {
        giveBack.run();
      }
    }

    /** The same loan for another owner; closing this one does nothing any more. */
    Loan handOver() {
      closed.set(true);
      return new Loan(connection, giveBack, new AtomicBoolean());
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
    var isFirst = firstIsLent.compareAndSet(false, true);
    Runnable giveBack =
        () -> {
          if (isFirst) {
            firstIsLent.set(false);
          }
          turns.release();
        };
    try {
      var pool = isFirst ? first : others;
      return new Loan(pool.getConnection(), giveBack, new AtomicBoolean());
    } catch (SQLException | RuntimeException e) {
      giveBack.run();
      throw e;
    }
  }
}
