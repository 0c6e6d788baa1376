package io.github.pgqfleet.lifecycle;

import io.github.pgqfleet.config.ConfigurationException;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Supplier;
import org.jline.utils.Signals;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs an application until a signal ends it: TERM and INT stop it within a deadline, HUP reads the
 * configuration again. One daemon a process.
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

    /** Waits until the application has ended of itself; most never do. */
    default void awaitEnd() throws InterruptedException {
      new java.util.concurrent.CountDownLatch(1).await();
    }
  }

  private enum Event {
    STOP,
    RELOAD,
    ENDED
  }

  private final BlockingQueue<Event> events = new LinkedBlockingQueue<>();
  private final Supplier<? extends Application> factory;
  private final Duration deadline;

  /**
   * @param factory reads the configuration and makes an application that is not yet started; throws
   *     {@link ConfigurationException} when the file is bad
   * @param deadline how long a stop waits for work under way
   */
  public Daemon(Supplier<? extends Application> factory, Duration deadline) {
    this.factory = factory;
    this.deadline = deadline;
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
    var application = started(factory.get());
    while (true) {
      switch (events.take()) {
        case RELOAD -> application = reloaded(application);
        case STOP, ENDED -> {
          log.info("event=stopping deadline={}", deadline);
          var clean = application.stop(deadline);
          log.info("event=stopped clean={}", clean);
          return clean ? 0 : 1;
        }
      }
    }
  }

  private Application reloaded(Application old) throws Exception {
    Application next;
    try {
      next = factory.get();
    } catch (ConfigurationException e) {
      e.problems().forEach(p -> log.error("event=reload_refused problem=\"{}\"", p));
      return old;
    }
    log.info("event=reload");
    old.stop(deadline);
    return started(next);
  }

  private Application started(Application application) throws Exception {
    application.start();
    Thread.ofVirtual().name("await-end").start(() -> awaitEnd(application));
    return application;
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
