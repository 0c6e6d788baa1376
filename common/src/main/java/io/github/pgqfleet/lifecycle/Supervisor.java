package io.github.pgqfleet.lifecycle;

import com.codahale.metrics.MetricRegistry;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Owns services: starts each in a named virtual thread, runs it again when it fails, stops all.
 * Thread-safe.
 */
public final class Supervisor {

  private static final Logger log = LoggerFactory.getLogger(Supervisor.class);

  /** Time for a service to notice that it was interrupted. */
  private static final Duration LAST_WAIT = Duration.ofSeconds(3);

  private static final Duration FIRST_PAUSE = Duration.ofMillis(250);

  private final Map<String, Supervised> running = new ConcurrentHashMap<>();
  private final Health health;
  private final MetricRegistry metrics;
  private volatile boolean stopped;

  public Supervisor(Health health, MetricRegistry metrics) {
    this.health = health;
    this.metrics = metrics;
  }

  /**
   * Starts a service; where one of that name was {@link #release}d and has not ended yet, as soon
   * as it has. After {@link #stop} nothing is started any more.
   *
   * @throws IllegalStateException when a service of that name is running and was not released
   */
  public void start(Service service) {
    var supervised = new Supervised(service);
    synchronized (running) {
      if (!stopped) {
        var current = running.get(service.name());
        if (current == null) {
          running.put(service.name(), supervised);
          supervised.thread.start();
        } else {
          current.follow(supervised);
        }
        return;
      }
    }
    supervised.neverStarted();
  }

  /** Whether a service of that name is running. */
  public boolean isRunning(String name) {
    return running.containsKey(name);
  }

  /** Asks one service to stop, without waiting for it; nothing happens when there is none. */
  public void release(String name) {
    var supervised = running.get(name);
    if (supervised != null) {
      supervised.dropSuccessor();
      supervised.requestStop();
    }
  }

  /** The same, and interrupts it when it has not ended at the deadline. Returns at once. */
  public void release(String name, Duration deadline) {
    var supervised = running.get(name);
    if (supervised != null) {
      supervised.dropSuccessor();
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
    services.forEach(Supervised::dropSuccessor);
    services.forEach(Supervised::requestStop);
    var clean = join(services, deadline);
    if (!clean) {
      services.forEach(Supervised::cutOff);
      join(services, LAST_WAIT);
    }
    return clean;
  }

  private static boolean join(Iterable<Supervised> services, Duration deadline)
      throws InterruptedException {
    var end = Instant.now().plus(deadline);
    var all = true;
    for (var supervised : services) {
      var left = Duration.between(Instant.now(), end);
      all &= supervised.ended.await(left.toNanos(), TimeUnit.NANOSECONDS);
    }
    return all;
  }

  /** A service and the thread that runs it. */
  private final class Supervised implements ServiceContext {

    private final Service service;
    private final Thread thread;
    private final CountDownLatch stop = new CountDownLatch(1);
    private final CountDownLatch ended = new CountDownLatch(1);
    private final Backoff backoff;
    private final FailureReporter failures;
    private @Nullable Supervised successor;

    Supervised(Service service) {
      this.service = service;
      this.backoff = new Backoff(FIRST_PAUSE, service.longestPause());
      this.failures = new FailureReporter(service.name(), health, metrics);
      this.thread = Thread.ofVirtual().name(service.name()).unstarted(this::supervise);
    }

    private void supervise() {
      try {
        while (!stopRequested() && !runOnce()) {
          sleep(backoff.next());
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      } finally {
        health.resolve(service.name());
        end();
      }
    }

    private void end() {
      try {
        service.ended();
      } catch (RuntimeException e) {
        log.error("service={} event=end_failed", service.name(), e);
      }
      synchronized (running) {
        running.remove(service.name(), this);
        if (successor != null) {
          running.put(service.name(), successor);
          successor.thread.start();
        }
      }
      ended.countDown();
    }

    /** Lets another begin when this one has ended. Called under the lock. */
    void follow(Supervised next) {
      if (!stopRequested() || successor != null) {
        throw new IllegalStateException("a service named " + service.name() + " is running");
      }
      successor = next;
    }

    void dropSuccessor() {
      Supervised dropped;
      synchronized (running) {
        dropped = successor;
        successor = null;
      }
      if (dropped != null) {
        dropped.neverStarted();
      }
    }

    void neverStarted() {
      service.ended();
      ended.countDown();
    }

    /** Waits for the end until the deadline, and interrupts it then. */
    void endBy(Duration deadline) {
      try {
        if (!ended.await(deadline.toNanos(), TimeUnit.NANOSECONDS)) {
          cutOff();
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }

    void cutOff() {
      if (thread.isAlive()) {
        log.warn("service={} event=deadline_passed action=interrupt", service.name());
        thread.interrupt();
      }
    }

    /** Whether the service has ended of itself. */
    private boolean runOnce() {
      try {
        service.run(this);
        return true;
      } catch (Throwable e) {
        // Errors too: a class that one service lacks must not end it without a word. Interruptions
        // too: only a stop interrupts a service, so another comes from what it calls.
        // A stop cuts connections and sleeps; what comes of that is no failure.
        if (!stopRequested()) {
          Thread.interrupted();
          failures.failed(e);
        }
        return false;
      }
    }

    void requestStop() {
      stop.countDown();
      service.wake();
      if (service.interruptible()) {
        thread.interrupt();
      }
    }

    @Override
    public boolean stopRequested() {
      return stop.getCount() == 0;
    }

    @Override
    public boolean sleep(Duration duration) throws InterruptedException {
      return !stop.await(duration.toNanos(), TimeUnit.NANOSECONDS);
    }

    @Override
    public void succeeded() {
      if (failures.recovered()) {
        backoff.reset();
      }
    }
  }
}
