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

  /** Since when somebody has kept the first connection; none while it is free, or opened. */
  private volatile Optional<Long> firstKept = Optional.empty();

  private volatile Optional<Long> othersNeeded = Optional.empty();

  /**
   * @param connections how many of the pool's to lend at once
   */
  Lender(DataSource pool, int connections) {
    this(pool, pool, connections, Duration.ZERO);
  }

  /**
   * Lends the others' connections only while the first one is lent, and opens one only where one
   * borrower keeps it for long; while it is only being opened, more of them would help nobody. What
   * a session costs the server is its beginning; and a pool by itself would give each thread the
   * connection that it had before, and so keep all of them in use.
   *
   * @param first a pool of one connection
   * @param connections how many to lend at once, of both together
   * @param patience how long somebody may keep the first one before others are opened
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
      isFirst = firstIsFree.tryAcquire(0, NANOSECONDS) || (!othersAreOpen() && awaitFirst());
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
    if (!turns.tryAcquire()) {
      return Optional.empty();
    }
    var isFirst = firstIsFree.tryAcquire();
    if (!isFirst) {
      othersNeeded = Optional.of(System.nanoTime());
    }
    return Optional.of(lend(isFirst));
  }

  private boolean othersAreOpen() {
    var needed = othersNeeded;
    return needed.isPresent() && System.nanoTime() - needed.get() < STAYS_OPEN.toNanos();
  }

  /** Many may have it one after another; that is no reason to give up. */
  private boolean awaitFirst() throws InterruptedException {
    for (var left = leftOfPatience(); left > 0; left = leftOfPatience()) {
      if (firstIsFree.tryAcquire(left, NANOSECONDS)) {
        return true;
      }
    }
    othersNeeded = Optional.of(System.nanoTime());
    return false;
  }

  private long leftOfPatience() {
    var kept = firstKept;
    return patience.toNanos() - (kept.isPresent() ? System.nanoTime() - kept.get() : 0);
  }

  private Loan lend(boolean isFirst) throws SQLException {
    Runnable giveBack = () -> giveBack(isFirst);
    try {
      var connection = (isFirst ? first : others).getConnection();
      if (isFirst) {
        firstKept = Optional.of(System.nanoTime());
      }
      return new Loan(connection, giveBack, new AtomicBoolean());
    } catch (SQLException | RuntimeException e) {
      giveBack.run();
      throw e;
    }
  }

  private void giveBack(boolean isFirst) {
    if (isFirst) {
      firstKept = Optional.empty();
      firstIsFree.release();
    }
    turns.release();
  }
}
