package io.github.pgqfleet.worker.call;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;

/** Sends several at once. Stateless. */
final class Together {

  /** What is done with each. */
  @FunctionalInterface
  interface Sending<T> {
    List<Failure> send(T one) throws UnavailableException, InterruptedException;
  }

  private Together() {}

  /**
   * Sends all, in order if one at a time, and returns what failed. Ends soon when nothing can be
   * handled, or on an interruption; nothing is under way then.
   */
  static <T> List<Failure> each(List<T> all, int atOnce, Sending<T> sending)
      throws UnavailableException, InterruptedException {
    if (atOnce == 1 || all.size() <= 1) {
      var failures = new ArrayList<Failure>();
      for (var one : all) {
        failures.addAll(sending.send(one));
      }
      return failures;
    }
    var left = new ConcurrentLinkedQueue<>(all);
    Callable<List<Failure>> sender =
        () -> {
          try {
            var failures = new ArrayList<Failure>();
            for (var one = left.poll(); one != null; one = left.poll()) {
              failures.addAll(sending.send(one));
            }
            return failures;
          } catch (UnavailableException | RuntimeException e) {
            left.clear();
            throw e;
          }
        };
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var failures = new ArrayList<Failure>();
      for (var sent :
          threads.invokeAll(Collections.nCopies(Math.min(atOnce, all.size()), sender))) {
        failures.addAll(sent.get());
      }
      return failures;
    } catch (ExecutionException e) {
      if (e.getCause() instanceof UnavailableException unavailable) {
        throw unavailable;
      }
      throw new IllegalStateException(e.getCause());
    }
  }
}
