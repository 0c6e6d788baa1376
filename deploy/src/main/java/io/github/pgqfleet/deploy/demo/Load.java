package io.github.pgqfleet.deploy.demo;

import io.github.pgqfleet.fixture.PrivateCluster;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.LongAdder;

/**
 * The applications: one virtual thread and one connection a database, each with transactions at
 * random times, independent of how fast the fleet is. {@link #start} once, then {@link #await}.
 */
final class Load implements AutoCloseable {

  /** Events of committed and of rolled-back transactions; counted for display only. */
  static final class Figures {
    private final Map<DemoQueue, LongAdder> committed = new EnumMap<>(DemoQueue.class);
    private final LongAdder rolledBack = new LongAdder();

    Figures() {
      for (DemoQueue queue : DemoQueue.values()) {
        committed.put(queue, new LongAdder());
      }
    }

    void add(DemoQueue queue) {
      LongAdder adder = committed.get(queue);
      if (adder != null) {
        adder.increment();
      }
    }

    void addRolledBack(int events) {
      rolledBack.add(events);
    }

    long committed(DemoQueue queue) {
      LongAdder adder = committed.get(queue);
      return adder == null ? 0 : adder.sum();
    }

    long rolledBack() {
      return rolledBack.sum();
    }

    long all() {
      return rolledBack() + committed.values().stream().mapToLong(LongAdder::sum).sum();
    }
  }

  private final Figures figures = new Figures();
  private final List<Application> applications;
  private final List<Future<?>> running = new ArrayList<>();
  private final ExecutorService executor =
      Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("application-", 1).factory());

  /**
   * Connects the applications, each with one transaction that writes into all its queues: the first
   * of a connection, of theirs as of the fleet's, takes many times as long as the rest, since the
   * server loads all that it needs for it.
   */
  Load(PrivateCluster cluster, DemoOptions options) throws InterruptedException {
    double rateOfOne = (double) options.rate() / options.databases();
    applications =
        Together.run(
            "connect applications",
            options.databaseNames(),
            database -> {
              var application = new Application(cluster.connect(database), rateOfOne, figures);
              application.first();
              return application;
            });
  }

  void start(Duration duration) {
    long end = System.nanoTime() + duration.toNanos();
    for (Application application : applications) {
      running.add(
          executor.submit(
              () -> {
                application.run(end);
                return application;
              }));
    }
  }

  Figures figures() {
    return figures;
  }

  boolean isRunning() {
    return !running.stream().allMatch(Future::isDone);
  }

  /**
   * Waits for the end of the load.
   *
   * @throws DemoFailure when a transaction failed
   */
  void await() throws InterruptedException {
    try {
      for (Future<?> one : running) {
        one.get();
      }
    } catch (ExecutionException e) {
      throw new DemoFailure("An application's transaction failed", e);
    }
  }

  @Override
  public void close() throws SQLException {
    executor.shutdownNow();
    for (Application application : applications) {
      application.close();
    }
  }
}
