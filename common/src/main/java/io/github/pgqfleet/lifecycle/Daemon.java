package io.github.pgqfleet.lifecycle;

import io.github.pgqfleet.config.ConfigurationException;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jline.utils.Signals;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs an application until a signal ends it: TERM and INT stop it within a deadline, HUP reads the
 * configuration again. A service manager that wants it is told of all this, and beat by beat that
 * the process does not hang: this thread sends the beats, and only when the application responds to
 * it. One daemon a process.
 */
public final class Daemon {

  private static final Logger log = LoggerFactory.getLogger(Daemon.class);

  /** What a daemon runs; made anew for each configuration. */
  public interface Application {

    /** Starts everything; returns at once. */
    void start() throws Exception;

    /**
     * Stops everything.
     *
     * @return whether all had finished by the deadline
     */
    boolean stop(Duration deadline) throws InterruptedException;

    /** Whether its threads get to run, shown within a time; false when it hangs. */
    boolean responds(Duration within) throws InterruptedException;

    /**
     * Goes on with the configuration of another application, which was not started and never will
     * be, without stopping what stays the same.
     *
     * @return false when it cannot; it is then stopped, and the other one started
     */
    default boolean adopt(Application next) {
      return false;
    }

    /** Waits until the application has ended of itself; most never do. */
    default void awaitEnd() throws InterruptedException {
      new java.util.concurrent.CountDownLatch(1).await();
    }
  }

  private enum Event {
    STOP,
    RELOAD,
    ENDED,
    BEAT
  }

  /** So many beats are sent in the time within which one is expected. */
  private static final int BEATS = 3;

  private final BlockingQueue<Event> events = new LinkedBlockingQueue<>();
  private final Supplier<? extends Supplier<? extends Application>> configuration;
  private final Duration deadline;
  private final ServiceManager manager;
  private @Nullable Supplier<? extends Application> factory;
  private @Nullable Application running;
  private @Nullable Thread awaitingEnd;

  /**
   * @param configuration reads the configuration; what it returns makes an application, not yet
   *     started, as often as it is asked. Both throw {@link ConfigurationException} when something
   *     is wrong with the file
   * @param deadline how long a stop waits for work under way
   */
  public Daemon(
      Supplier<? extends Supplier<? extends Application>> configuration, Duration deadline) {
    this(configuration, deadline, System.getenv());
  }

  Daemon(
      Supplier<? extends Supplier<? extends Application>> configuration,
      Duration deadline,
      Map<String, String> environment) {
    this.configuration = configuration;
    this.deadline = deadline;
    this.manager = new ServiceManager(environment);
  }

  /**
   * Runs until a signal, or the application's own end.
   *
   * @return the exit code: 0 after a stop, 1 when work had to be cut off at the deadline
   */
  public int run() throws Exception {
    Signals.register("TERM", () -> events.add(Event.STOP));
    Signals.register("INT", () -> events.add(Event.STOP));
    Signals.register("HUP", () -> events.add(Event.RELOAD));
    factory = configuration.get();
    start(factory.get());
    manager.ready();
    while (true) {
      switch (next()) {
        case BEAT -> beat();
        case RELOAD -> {
          manager.reloading();
          reload();
          manager.ready();
        }
        case STOP, ENDED -> {
          manager.stopping();
          log.info("event=stopping deadline={}", deadline);
          var clean = running().stop(deadline);
          log.info("event=stopped clean={}", clean);
          return clean ? 0 : 1;
        }
      }
    }
  }

  private Event next() throws InterruptedException {
    var watchdog = manager.watchdog();
    if (watchdog.isEmpty()) {
      return events.take();
    }
    var event = events.poll(watchdog.get().toNanos() / BEATS, TimeUnit.NANOSECONDS);
    return event == null ? Event.BEAT : event;
  }

  private void beat() throws InterruptedException {
    var patience = manager.watchdog().orElseThrow().dividedBy(BEATS);
    if (running().responds(patience)) {
      manager.isWell();
    } else {
      log.error("event=hangs action=\"no beat for the watchdog\"");
    }
  }

  private void reload() throws Exception {
    Supplier<? extends Application> nextFactory;
    Application next;
    try {
      nextFactory = configuration.get();
      next = nextFactory.get();
    } catch (RuntimeException e) {
      refused(e);
      return;
    }
    if (running().adopt(next)) {
      factory = nextFactory;
      log.info("event=reload restarted=false");
      return;
    }
    log.info("event=reload restarted=true");
    running().stop(deadline);
    try {
      start(next);
      factory = nextFactory;
    } catch (IOException | RuntimeException e) {
      refused(e);
      next.stop(deadline);
      start(Objects.requireNonNull(factory).get());
    }
  }

  private Application running() {
    return Objects.requireNonNull(running);
  }

  private static void refused(Exception e) {
    if (e instanceof ConfigurationException bad) {
      bad.problems().forEach(p -> log.error("event=reload_refused problem=\"{}\"", p));
    } else {
      log.error("event=reload_refused problem=\"{}\"", e.getMessage(), e);
    }
  }

  private void start(Application application) throws Exception {
    if (awaitingEnd != null) {
      awaitingEnd.interrupt();
    }
    application.start();
    running = application;
    awaitingEnd = Thread.ofVirtual().name("await-end").start(() -> awaitEnd(application));
  }

  private void awaitEnd(Application application) {
    try {
      application.awaitEnd();
      events.add(Event.ENDED);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
