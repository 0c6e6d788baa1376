package io.github.pgqfleet.deploy.demo;

import io.github.pgqfleet.cli.Progress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Does one thing for many databases, a few at a time, and shows the progress. Stateless. */
final class Together {
  private static final int AT_ONCE = 4;

  /** What is done for one. */
  @FunctionalInterface
  interface Task<T, R> {
    R run(T subject) throws Exception;
  }

  private Together() {}

  /**
   * Returns the results in the order of the subjects.
   *
   * @throws DemoFailure when one of them failed; the message begins with what was being done
   */
  static <T, R> List<R> run(String what, List<T> subjects, Task<T, R> task)
      throws InterruptedException {
    try (var progress = new Progress(what, subjects.size());
        var executor = Executors.newFixedThreadPool(AT_ONCE)) {
      List<Future<R>> futures = new ArrayList<>();
      for (T subject : subjects) {
        futures.add(
            executor.submit(
                () -> {
                  R result = task.run(subject);
                  progress.step();
                  return result;
                }));
      }
      List<R> results = new ArrayList<>();
      for (Future<R> future : futures) {
        results.add(future.get());
      }
      return results;
    } catch (ExecutionException e) {
      throw new DemoFailure(what, e);
    }
  }
}
