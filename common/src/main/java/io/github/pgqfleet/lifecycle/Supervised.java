package io.github.pgqfleet.lifecycle;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A service and the thread that runs it, again and again until it ends. Thread-safe. */
final class Supervised implements ServiceContext {

  private static final Logger log = LoggerFactory.getLogger(Supervisor.class);

  private static final Duration FIRST_PAUSE = Duration.ofMillis(250);

  private final Service service;
  private final FailureReporter failures;
  private final Consumer<Supervised> whenOver;
  private final Thread thread;
  private final CountDownLatch stop = new CountDownLatch(1);
  private final CountDownLatch ended = new CountDownLatch(1);
  private final Backoff backoff;

  /**
   * @param whenOver called by its thread as the last thing
   */
  Supervised(Service service, FailureReporter failures, Consumer<Supervised> whenOver) {
    this.service = service;
    this.failures = failures;
    this.whenOver = whenOver;
    this.backoff = new Backoff(FIRST_PAUSE, service.longestPause());
    this.thread = service.thread().name(service.name()).unstarted(this::supervise);
  }

  String name() {
    return service.name();
  }

  void start() {
    failures.begins(service.part());
    thread.start();
  }

  void neverStarted() {
    service.ended();
    ended.countDown();
  }

  private void supervise() {
    try {
      while (!stopRequested() && !runOnce()) {
        sleep(backoff.next());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      failures.over();
      end();
    }
  }

  private void end() {
    try {
      service.ended();
    } catch (RuntimeException e) {
      log.error("service={} event=end_failed", service.name(), e);
    }
    whenOver.accept(this);
    ended.countDown();
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

  /** Waits for the end until the deadline, and interrupts it then. */
  void endBy(Duration deadline) {
    try {
      if (!awaitEnd(deadline)) {
        cutOff();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Whether it ends in time. */
  boolean awaitEnd(Duration time) throws InterruptedException {
    return ended.await(time.toNanos(), TimeUnit.NANOSECONDS);
  }

  void cutOff() {
    if (thread.isAlive()) {
      log.warn("service={} event=deadline_passed action=interrupt", service.name());
      // First, so that what the cut breaks is known for a stop and not for a failure.
      thread.interrupt();
      // Beside the stop: to close a connection may take until its server has read what was sent.
      Thread.ofVirtual().name("cut off " + service.name()).start(this::cutOffService);
    }
  }

  private void cutOffService() {
    try {
      service.cutOff();
    } catch (RuntimeException e) {
      log.error("service={} event=cut_off_failed", service.name(), e);
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
    if (failures.succeeded()) {
      backoff.reset();
    }
  }
}
