package io.github.pgqfleet.deploy.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Does one thing for many subjects at the same time. Stateless. */
final class Each {

  /** What is done for one. */
  @FunctionalInterface
  interface Task<T, R> {
    R run(T subject) throws Exception;
  }

  private Each() {}

  /**
   * Returns the results in the order of the subjects.
   *
   * @param atOnce how many are done at the same time
   * @throws BenchFailure when one of them failed; the message begins with what was being done
   */
  static <T, R> List<R> of(String what, List<T> subjects, int atOnce, Task<T, R> task)
      throws InterruptedException {
    try (var executor = Executors.newFixedThreadPool(atOnce)) {
      List<Future<R>> futures = new ArrayList<>();
      for (T subject : subjects) {
        futures.add(executor.submit(() -> task.run(subject)));
      }
      List<R> results = new ArrayList<>();
      try {
        for (Future<R> future : futures) {
          results.add(future.get());
        }
      } catch (ExecutionException e) {
        executor.shutdownNow();
        throw new BenchFailure("Cannot " + what, e.getCause() == null ? e : e.getCause());
      } catch (InterruptedException e) {
        executor.shutdownNow();
        throw e;
      }
      return results;
    }
  }
}
