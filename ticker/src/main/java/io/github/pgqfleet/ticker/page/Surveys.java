package io.github.pgqfleet.ticker.page;

import io.github.pgqfleet.sql.Database;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/** The surveys of all databases, taken as long as somebody watches. Thread-safe. */
public final class Surveys {

  /** When somebody comes, the databases are woken one after the other. */
  private static final long APART = TimeUnit.MILLISECONDS.toNanos(2);

  private final Duration late;
  private final InstantSource clock;
  private final Audience audience;
  private final AtomicLong number = new AtomicLong();
  private final ConcurrentSkipListMap<String, DatabaseSurvey> surveys =
      new ConcurrentSkipListMap<>();

  public Surveys(PageConfig config, InstantSource clock) {
    this.late = config.late();
    this.clock = clock;
    this.audience = new Audience(clock);
  }

  /**
   * Those of a database that has come.
   *
   * @param waker has the database looked at soon; may be called by any thread
   */
  public DatabaseSurvey add(Database database, Runnable waker) {
    var survey = new DatabaseSurvey(late, audience, clock, waker, number::incrementAndGet);
    surveys.put(database.id(), survey);
    return survey;
  }

  /** Forgets a database that has gone. */
  public void remove(Database database) {
    surveys.remove(database.id());
  }

  /** The ticker has moved the event sequence of a queue; so many events are none. */
  public void moved(Database database, String queue, long by) {
    of(database.id()).ifPresent(survey -> survey.moved(queue, by));
  }

  /** Somebody watches. */
  void areAskedFor() {
    if (audience.asks()) {
      Thread.ofVirtual().name("page-audience").start(this::wakeAll);
    }
  }

  private void wakeAll() {
    for (var survey : surveys.values()) {
      survey.wake();
      LockSupport.parkNanos(APART);
    }
  }

  Audience audience() {
    return audience;
  }

  /** How many surveys have shown something new. */
  long number() {
    return number.get();
  }

  Optional<DatabaseSurvey> of(String database) {
    return Optional.ofNullable(surveys.get(database));
  }

  Map<String, DatabaseSurvey> all() {
    return surveys;
  }
}
