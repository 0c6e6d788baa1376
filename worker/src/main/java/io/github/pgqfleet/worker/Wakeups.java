package io.github.pgqfleet.worker;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;

/**
 * Wakes the sub-consumers of a queue. A wake-up that comes while one is not waiting is kept for it.
 * Thread-safe.
 */
final class Wakeups {

  private final Map<String, List<Semaphore>> waiting = new ConcurrentHashMap<>();

  /** What a sub-consumer of the queue waits on; permits are wake-ups. */
  Semaphore register(String queue) {
    var wakeup = new Semaphore(0);
    waiting.compute(
        queue,
        (q, others) -> {
          var semaphores = others == null ? new CopyOnWriteArrayList<Semaphore>() : others;
          semaphores.add(wakeup);
          return semaphores;
        });
    return wakeup;
  }

  /** Undoes {@link #register}. */
  void unregister(String queue, Semaphore wakeup) {
    waiting.computeIfPresent(
        queue,
        (q, semaphores) -> {
          semaphores.remove(wakeup);
          return semaphores.isEmpty() ? null : semaphores;
        });
  }

  /** The queues that somebody waits for. */
  Collection<String> queues() {
    return List.copyOf(waiting.keySet());
  }

  /** Wakes all sub-consumers of a queue; nothing happens when there are none. */
  void wake(String queue) {
    waiting.getOrDefault(queue, List.of()).forEach(Semaphore::release);
  }
}
