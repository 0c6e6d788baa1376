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
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The applications: in each busy database one session, which does the same transactions again and
 * again, each time at a random moment of its own equal slice of time; so any two windows see the
 * same number. Begins at once and goes on until it is closed. {@link #startWindow} and {@link
 * #endWindow} are for one thread.
 */
final class Load implements AutoCloseable {
  private static final String PGQ_DEFAULT_MAX_LAG = "3 seconds";
  private static final Duration LOOK_EACH = Duration.ofSeconds(1);

  private static final String EVENT =
      "select pgq.insert_event('" + Testbed.LOADED + "', 'load', repeat('x', 200))";

  private final List<Connection> connections = new ArrayList<>();
  private final List<Source> busy;
  private final List<String> transactions;
  private final boolean shortLag;
  private final List<Future<?>> running = new ArrayList<>();
  private final CountDownLatch stop = new CountDownLatch(1);
  private final ExecutorService executor =
      Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("application-", 1).factory());
  private volatile Collection<Double> commitMillis = new ConcurrentLinkedQueue<>();

  private Load(List<Source> busy, List<String> transactions, boolean shortLag) {
    this.busy = List.copyOf(busy);
    this.transactions = List.copyOf(transactions);
    this.shortLag = shortLag;
  }

  /**
   * Starts one that writes an event a transaction.
   *
   * @param busy the databases
   * @param rate transactions a second in each
   * @param maxLag ticker_max_lag of the queues that are written into, as long as this runs
   */
  static Load start(List<Source> busy, double rate, Duration maxLag) throws SQLException {
    Load load = new Load(busy, List.of(EVENT), true);
    load.setMaxLag(maxLag.toMillis() + " milliseconds");
    return load.begin(rate);
  }

  /**
   * Starts any.
   *
   * @param busy the databases
   * @param rate how often a second all of the transactions are done, in each
   * @param transactions a statement each
   */
  static Load start(List<Source> busy, double rate, List<String> transactions) throws SQLException {
    return new Load(busy, transactions, false).begin(rate);
  }

  private Load begin(double rate) throws SQLException {
    try {
      long begin = System.nanoTime();
      for (Source database : busy) {
        Connection connection = database.connect();
        connections.add(connection);
        connection.setAutoCommit(false);
        long seed = connections.size();
        running.add(
            executor.submit(
                () -> {
                  write(connection, rate, new SplittableRandom(seed), begin);
                  return connection;
                }));
      }
      return this;
    } catch (SQLException | RuntimeException e) {
      close();
      throw e;
    }
  }

  private void write(Connection connection, double rate, SplittableRandom random, long begin)
      throws SQLException, InterruptedException {
    double slice = 1e9 / rate;
    List<PreparedStatement> statements = new ArrayList<>();
    for (String transaction : transactions) {
      statements.add(connection.prepareStatement(transaction));
    }
    for (long number = 0; ; number++) {
      long at = begin + (long) ((number + random.nextDouble()) * slice);
      if (stop.await(at - System.nanoTime(), TimeUnit.NANOSECONDS)) {
        return;
      }
      long start = System.nanoTime();
      for (PreparedStatement statement : statements) {
        statement.execute();
        connection.commit();
      }
      commitMillis.add((System.nanoTime() - start) / 1e6);
    }
  }

  List<Source> busy() {
    return busy;
  }

  /** From now on latencies count. */
  void startWindow() {
    commitMillis = new ConcurrentLinkedQueue<>();
  }

  /** How long the transactions took, each time since {@link #startWindow}, in ms. */
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

  /**
   * Sleeps, and checks now and then that the load and the candidate are at work.
   *
   * @throws BenchFailure when the load has failed or the candidate has ended
   */
  void sleepThrough(Duration window, @Nullable Running candidate) throws InterruptedException {
    long end = System.nanoTime() + window.toNanos();
    for (long left = window.toNanos(); left > 0; left = end - System.nanoTime()) {
      Thread.sleep(Duration.ofNanos(Math.min(left, LOOK_EACH.toNanos())));
      requireRunning();
      if (candidate != null) {
        candidate.requireRunning();
      }
    }
  }

  /** Ends it, each session after what it is doing. */
  @Override
  public void close() throws SQLException {
    stop.countDown();
    executor.close();
    for (Connection connection : connections) {
      connection.close();
    }
    if (shortLag) {
      setMaxLag(PGQ_DEFAULT_MAX_LAG);
    }
  }
}
