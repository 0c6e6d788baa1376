package io.github.pgqfleet.mover;

import static java.util.concurrent.TimeUnit.NANOSECONDS;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.sql.DataSource;

/**
 * Lends a database's few connections to many queues, first come first served. Waiting for one is no
 * failure, however long the batches before it take. Thread-safe.
 */
final class Lender {

  /** A pool keeps a connection that is not used for at least so long. */
  private static final Duration STAYS_OPEN = Duration.ofMinutes(5);

  private final DataSource first;
  private final DataSource others;
  private final Duration patience;
  private final Semaphore turns;
  private final Semaphore firstIsFree = new Semaphore(1, true);
  private volatile Optional<Long> othersUsed = Optional.empty();

  /**
   * @param connections how many of the pool's to lend at once
   */
  Lender(DataSource pool, int connections) {
    this(pool, pool, connections, Duration.ZERO);
  }

  /**
   * Lends the others' connections only while the first one is lent, and opens one only where that
   * takes long. What a session costs the server is its beginning; and a pool by itself would give
   * each thread the connection that it had before, and so keep all of them in use.
   *
   * @param first a pool of one connection
   * @param connections how many to lend at once, of both together
   * @param patience how long to wait for the first one where no other is open
   */
  Lender(DataSource first, DataSource others, int connections, Duration patience) {
    this.first = first;
    this.others = others;
    this.patience = patience;
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
    var isFirst = false;
    try {
      isFirst = firstIsFree.tryAcquire(othersAreOpen() ? 0 : patience.toNanos(), NANOSECONDS);
    } catch (InterruptedException e) {
      turns.release();
      throw e;
    }
    return lend(isFirst);
  }

  /**
   * A connection that nobody waits for, if there is one now.
   *
   * @throws SQLException when the database cannot be reached
   */
  Optional<Loan> tryBorrow() throws SQLException {
    return turns.tryAcquire() ? Optional.of(lend(firstIsFree.tryAcquire())) : Optional.empty();
  }

  private boolean othersAreOpen() {
    var used = othersUsed;
    return used.isPresent() && System.nanoTime() - used.get() < STAYS_OPEN.toNanos();
  }

  private Loan lend(boolean isFirst) throws SQLException {
    Runnable giveBack = () -> giveBack(isFirst);
    try {
      var connection = (isFirst ? first : others).getConnection();
      if (!isFirst) {
        othersUsed = Optional.of(System.nanoTime());
      }
      return new Loan(connection, giveBack, new AtomicBoolean());
    } catch (SQLException | RuntimeException e) {
      giveBack.run();
      throw e;
    }
  }

  private void giveBack(boolean isFirst) {
    if (isFirst) {
      firstIsFree.release();
    }
    turns.release();
  }
}
