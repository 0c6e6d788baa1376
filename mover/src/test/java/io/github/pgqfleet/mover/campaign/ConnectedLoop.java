package io.github.pgqfleet.mover.campaign;

import io.github.pgqfleet.fixture.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Does the same again and again on one connection, in a thread of its own, and connects anew when
 * the server has gone away. Anything else that goes wrong ends it. Thread-safe.
 */
final class ConnectedLoop implements AutoCloseable {

  private static final Duration PACE = Duration.ofMillis(50);
  private static final Duration LONGEST = Duration.ofSeconds(60);

  /** What is done again and again, with a pause in between. */
  interface Round {
    void run(Connection connection) throws SQLException, InterruptedException;
  }

  private final TestDatabase database;
  private final Round round;
  private final Thread thread;
  private final CountDownLatch stop = new CountDownLatch(1);
  private volatile @Nullable Throwable failure;

  ConnectedLoop(String name, TestDatabase database, Round round) {
    this.database = database;
    this.round = round;
    this.thread = Thread.ofVirtual().name(name).unstarted(this::run);
  }

  void start() {
    thread.start();
  }

  private void run() {
    try {
      while (!pause()) {
        runWhileConnected();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (SQLException | RuntimeException e) {
      failure = e;
    }
  }

  private void runWhileConnected() throws SQLException, InterruptedException {
    try (var connection = database.connect()) {
      while (!pause()) {
        round.run(connection);
      }
    } catch (SQLException e) {
      if (!isOutage(e)) {
        throw e;
      }
    }
  }

  /** Whether the server went away, or is not there yet. */
  private static boolean isOutage(SQLException e) {
    var state = e.getSQLState();
    return state != null && (state.startsWith("08") || state.startsWith("57P"));
  }

  /** Leaves the machine some room; true when it is time to stop. */
  boolean pause() throws InterruptedException {
    return stop.await(PACE.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** Throws what ended it too early, if anything did. */
  void check() {
    var e = failure;
    if (e != null) {
      throw new AssertionError(thread.getName() + " failed", e);
    }
  }

  void stop() {
    stop.countDown();
  }

  /** Waits for the end of the round, once it was told to stop. */
  void join() {
    try {
      if (!thread.join(LONGEST)) {
        throw new AssertionError(thread.getName() + " did not end within " + LONGEST);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
    check();
  }

  @Override
  public void close() {
    stop();
    join();
  }
}
