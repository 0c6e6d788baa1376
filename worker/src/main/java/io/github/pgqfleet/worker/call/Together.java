package io.github.pgqfleet.worker.call;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** Sends several at once, until nothing more can be handled. Used once; thread-safe. */
final class Together<T> {

  /** What is done with each. */
  @FunctionalInterface
  interface Sending<T> {
    List<Failure> send(T one) throws UnavailableException, InterruptedException;
  }

  /**
   * What came of it.
   *
   * @param left those that were not sent, or in vain
   * @param cutShort why; null when nothing is left
   */
  record Sent<T>(List<Failure> failures, List<T> left, @Nullable UnavailableException cutShort) {}

  private final Queue<T> waiting;
  private final Sending<T> sending;
  private final Queue<Failure> failures = new ConcurrentLinkedQueue<>();
  private final Queue<T> inVain = new ConcurrentLinkedQueue<>();
  private final AtomicReference<@Nullable UnavailableException> cutShort = new AtomicReference<>();

  private Together(List<T> all, Sending<T> sending) {
    this.waiting = new ConcurrentLinkedQueue<>(all);
    this.sending = sending;
  }

  /**
   * Sends all, in order if one at a time. Ends soon when nothing can be handled, or on an
   * interruption; nothing is under way then.
   */
  static <T> Sent<T> each(List<T> all, int atOnce, Sending<T> sending) throws InterruptedException {
    var together = new Together<T>(all, sending);
    int senders = Math.min(atOnce, all.size());
    if (senders <= 1) {
      together.send();
    } else {
      together.sendBy(senders);
    }
    return together.sent();
  }

  private void send() throws InterruptedException {
    for (var one = waiting.poll();
        one != null;
        one = cutShort.get() == null ? waiting.poll() : null) {
      try {
        failures.addAll(sending.send(one));
      } catch (UnavailableException e) {
        inVain.add(one);
        cutShort.compareAndSet(null, e);
      } catch (RuntimeException e) {
        waiting.clear();
        throw e;
      }
    }
  }

  private void sendBy(int senders) throws InterruptedException {
    Callable<@Nullable Void> sender =
        () -> {
          send();
          return null;
        };
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (var ended : threads.invokeAll(Collections.nCopies(senders, sender))) {
        ended.get();
      }
    } catch (ExecutionException e) {
      throw new IllegalStateException(e.getCause());
    }
  }

  private Sent<T> sent() {
    var left = new ArrayList<>(inVain);
    left.addAll(waiting);
    return new Sent<>(List.copyOf(failures), left, cutShort.get());
  }
}
