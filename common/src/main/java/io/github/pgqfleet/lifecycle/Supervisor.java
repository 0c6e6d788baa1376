package io.github.pgqfleet.lifecycle;

import com.codahale.metrics.Counter;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Owns services: starts each in a named thread, runs it again when it fails, stops all.
 * Thread-safe.
 */
public final class Supervisor {

  /** Time for a service to notice that it was interrupted. */
  private static final Duration LAST_WAIT = Duration.ofSeconds(3);

  private final Map<String, Supervised> running = new ConcurrentHashMap<>();

  /** What begins when the one of its name has ended. Guarded by {@link #running}. */
  private final Map<String, Supervised> successors = new HashMap<>();

  private final Health health;
  private final Counter failures;
  private volatile boolean stopped;

  /**
   * @param failures counts each failure of a service
   */
  public Supervisor(Health health, Counter failures) {
    this.health = health;
    this.failures = failures;
  }

  /**
   * Starts a service; where one of that name was {@link #release}d and has not ended yet, as soon
   * as it has. After {@link #stop} nothing is started any more.
   *
   * @throws IllegalStateException when a service of that name is running and was not released
   */
  public void start(Service service) {
    var supervised =
        new Supervised(
            service, new FailureReporter(service.name(), health, failures), this::whenOver);
    synchronized (running) {
      if (!stopped) {
        var current = running.get(service.name());
        if (current == null) {
          running.put(service.name(), supervised);
          supervised.start();
        } else if (!current.stopRequested() || successors.containsKey(service.name())) {
          throw new IllegalStateException("a service named " + service.name() + " is running");
        } else {
          successors.put(service.name(), supervised);
        }
        return;
      }
    }
    supervised.neverStarted();
  }

  private void whenOver(Supervised supervised) {
    synchronized (running) {
      running.remove(supervised.name(), supervised);
      var next = successors.remove(supervised.name());
      if (next != null) {
        running.put(next.name(), next);
        next.start();
      }
    }
  }

  private void dropSuccessor(Supervised supervised) {
    Supervised dropped;
    synchronized (running) {
      dropped = successors.remove(supervised.name());
    }
    if (dropped != null) {
      dropped.neverStarted();
    }
  }

  /** Whether a service of that name is running. */
  public boolean isRunning(String name) {
    return running.containsKey(name);
  }

  /** Asks one service to stop, without waiting for it; nothing happens when there is none. */
  public void release(String name) {
    var supervised = running.get(name);
    if (supervised != null) {
      dropSuccessor(supervised);
      supervised.requestStop();
    }
  }

  /** The same, and interrupts it when it has not ended at the deadline. Returns at once. */
  public void release(String name, Duration deadline) {
    var supervised = running.get(name);
    if (supervised != null) {
      dropSuccessor(supervised);
      supervised.requestStop();
      Thread.ofVirtual().name("deadline of " + name).start(() -> supervised.endBy(deadline));
    }
  }

  /**
   * Stops all services: asks them, waits, and interrupts what still runs at the deadline.
   *
   * @return whether all had ended by the deadline
   */
  public boolean stop(Duration deadline) throws InterruptedException {
    ArrayList<Supervised> services;
    synchronized (running) {
      stopped = true;
      services = new ArrayList<>(running.values());
    }
    services.forEach(this::dropSuccessor);
    services.forEach(Supervised::requestStop);
    var clean = join(services, deadline);
    if (!clean) {
      services.forEach(Supervised::cutOff);
      join(services, LAST_WAIT);
    }
    return clean;
  }

  /**
   * Whether a virtual thread gets to run, and at the services, within a time. A process of which
   * that cannot be said hangs.
   */
  public boolean responds(Duration within) throws InterruptedException {
    var answer = new CountDownLatch(1);
    Thread.ofVirtual()
        .name("are you there")
        .start(
            () -> {
              synchronized (running) {
                answer.countDown();
              }
            });
    return answer.await(within.toNanos(), TimeUnit.NANOSECONDS);
  }

  private static boolean join(Iterable<Supervised> services, Duration deadline)
      throws InterruptedException {
    var end = Instant.now().plus(deadline);
    var all = true;
    for (var supervised : services) {
      all &= supervised.awaitEnd(Duration.between(Instant.now(), end));
    }
    return all;
  }
}
