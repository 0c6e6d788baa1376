package io.github.pgqfleet.fleet;

import io.github.pgqfleet.sql.Database;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;

/** Does one thing on many databases at once, a bounded number a server at a time. Stateless. */
public final class Sweep {

  /** Enough to hide round trips, few enough not to be felt by a server. */
  private static final int AT_ONCE = 8;

  /** What is done on each database. */
  @FunctionalInterface
  public interface Task<T> {
    T run(Database database) throws Exception;
  }

  /** What came of it on one database. */
  public sealed interface Outcome<T> {

    /** It worked. */
    record Done<T>(T value) implements Outcome<T> {}

    /** It did not, for this reason. */
    record Failed<T>(Exception reason) implements Outcome<T> {}
  }

  private Sweep() {}

  /**
   * Runs {@code task} on each database, and {@code eachDone} after each.
   *
   * @return every database's outcome, in the order given
   */
  public static <T> Map<Database, Outcome<T>> run(
      List<Database> databases, Task<T> task, Runnable eachDone) throws InterruptedException {
    var permits = new HashMap<String, Semaphore>();
    try (var executor = Executors.newVirtualThreadPerTaskExecutor()) {
      var futures = new LinkedHashMap<Database, Future<T>>();
      for (var database : databases) {
        var permit = permits.computeIfAbsent(database.server(), s -> new Semaphore(AT_ONCE));
        futures.put(
            database,
            executor.submit(
                () -> {
                  permit.acquire();
                  try {
                    return task.run(database);
                  } finally {
                    permit.release();
                    eachDone.run();
                  }
                }));
      }
      var outcomes = new LinkedHashMap<Database, Outcome<T>>();
      for (var entry : futures.entrySet()) {
        outcomes.put(entry.getKey(), outcome(entry.getValue()));
      }
      return outcomes;
    }
  }

  private static <T> Outcome<T> outcome(Future<T> future) throws InterruptedException {
    try {
      return new Outcome.Done<>(future.get());
    } catch (ExecutionException e) {
      return new Outcome.Failed<>(
          e.getCause() instanceof Exception reason ? reason : new IllegalStateException(e));
    }
  }
}
