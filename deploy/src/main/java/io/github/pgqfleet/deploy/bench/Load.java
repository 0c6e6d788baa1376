package io.github.pgqfleet.deploy.bench;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * The applications: in each busy database one session, which writes an event a transaction, each at
 * a random moment of its own equal slice of time; so any two windows see the same number. Begins at
 * once and goes on until it is closed. {@link #startWindow} and {@link #endWindow} are for one
 * thread.
 */
final class Load implements AutoCloseable {
  private static final String PGQ_DEFAULT_MAX_LAG = "3 seconds";

  private final List<Connection> connections = new ArrayList<>();
  private final List<Source> busy;
  private final List<Future<?>> running = new ArrayList<>();
  private final ExecutorService executor =
      Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("application-", 1).factory());
  private volatile Collection<Double> commitMillis = new ConcurrentLinkedQueue<>();

  private Load(List<Source> busy) {
    this.busy = List.copyOf(busy);
  }

  /**
   * Starts it.
   *
   * @param busy the databases
   * @param rate transactions a second in each
   * @param maxLag ticker_max_lag of the queues that are written into, as long as this runs
   */
  static Load start(List<Source> busy, double rate, Duration maxLag) throws SQLException {
    Load load = new Load(busy);
    try {
      load.setMaxLag(maxLag.toMillis() + " milliseconds");
      long begin = System.nanoTime();
      for (Source database : busy) {
        Connection connection = database.connect();
        load.connections.add(connection);
        connection.setAutoCommit(false);
        long seed = load.connections.size();
        load.running.add(
            load.executor.submit(
                () -> {
                  load.write(connection, rate, new SplittableRandom(seed), begin);
                  return connection;
                }));
      }
      return load;
    } catch (SQLException | RuntimeException e) {
      load.close();
      throw e;
    }
  }

  private void write(Connection connection, double rate, SplittableRandom random, long begin)
      throws SQLException, InterruptedException {
    double slice = 1e9 / rate;
    String sql = "select pgq.insert_event('" + Testbed.LOADED + "', 'load', repeat('x', 200))";
    try (PreparedStatement insert = connection.prepareStatement(sql)) {
      for (long number = 0; !Thread.interrupted(); number++) {
        long at = begin + (long) ((number + random.nextDouble()) * slice);
        long wait = at - System.nanoTime();
        if (wait > 0) {
          Thread.sleep(Duration.ofNanos(wait));
        }
        long start = System.nanoTime();
        insert.execute();
        connection.commit();
        commitMillis.add((System.nanoTime() - start) / 1e6);
      }
    }
  }

  List<Source> busy() {
    return busy;
  }

  /** From now on latencies count. */
  void startWindow() {
    commitMillis = new ConcurrentLinkedQueue<>();
  }

  /** How long each transaction since {@link #startWindow} took, insert and commit, in ms. */
  Collection<Double> endWindow() {
    Collection<Double> window = commitMillis;
    startWindow();
    return window;
  }

  /**
   * Checks that every application still writes.
   *
   * @throws BenchFailure when one has failed
   */
  void requireRunning() throws InterruptedException {
    for (Future<?> one : running) {
      if (one.isDone()) {
        try {
          one.get();
        } catch (ExecutionException e) {
          throw new BenchFailure(
              "An application's transaction failed", e.getCause() == null ? e : e.getCause());
        }
      }
    }
  }

  private void setMaxLag(String interval) throws SQLException {
    for (Source database : busy) {
      database
          .cluster()
          .execute(
              database.name(),
              String.format(
                  Locale.ROOT,
                  "select pgq.set_queue_config('%s', 'ticker_max_lag', '%s')",
                  Testbed.LOADED,
                  interval));
    }
  }

  @Override
  public void close() throws SQLException {
    executor.shutdownNow();
    executor.close();
    for (Connection connection : connections) {
      connection.close();
    }
    setMaxLag(PGQ_DEFAULT_MAX_LAG);
  }
}
