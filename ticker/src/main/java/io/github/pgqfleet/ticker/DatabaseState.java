package io.github.pgqfleet.ticker;

import io.github.pgqfleet.sql.Database;
import io.github.pgqfleet.ticker.page.Standing;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** How one database fares, written by its ticker and read by status and health. Thread-safe. */
final class DatabaseState {

  /** What this process is to the database. */
  enum Role {
    /** There is no session, or none yet. */
    CONNECTING,
    /** Another session ticks; this one would take over. */
    STANDBY,
    /** This process ticks. */
    LEADING
  }

  /** What {@code /status} shows of a database. */
  record View(
      String database,
      String role,
      String since,
      @Nullable String lastLook,
      long ticks,
      @Nullable String problem) {}

  private static final int PERIODS = 10;
  private static final Duration LEAST_PATIENCE = Duration.ofSeconds(5);

  private final Database database;
  private final Duration period;
  private final Duration patience;
  private final InstantSource clock;
  private final AtomicLong ticks = new AtomicLong();
  private volatile Role role = Role.CONNECTING;
  private volatile Instant since;
  private volatile Instant lastProgress;
  private volatile @Nullable Instant lastLook;
  private volatile @Nullable Instant lastTick;
  private volatile @Nullable String problem;
  private volatile boolean reached;

  /**
   * @param period how often it is to be looked at
   */
  DatabaseState(Database database, Duration period, InstantSource clock) {
    this.database = database;
    this.period = period;
    var periods = period.multipliedBy(PERIODS);
    this.patience = periods.compareTo(LEAST_PATIENCE) > 0 ? periods : LEAST_PATIENCE;
    this.clock = clock;
    this.since = clock.instant();
    this.lastProgress = since;
  }

  Database database() {
    return database;
  }

  Duration period() {
    return period;
  }

  Role role() {
    return role;
  }

  boolean leads() {
    return role == Role.LEADING;
  }

  /** How many ticks this process has made in it. */
  long ticks() {
    return ticks.get();
  }

  /** When it was last known that the database is ticked, by this process or another. */
  Instant lastProgress() {
    return lastProgress;
  }

  /** Whether that is many periods ago. */
  boolean isSilent(Instant now) {
    return lastProgress.plus(patience).isBefore(now);
  }

  /** How long that is ago. */
  Duration silence() {
    return Duration.between(lastProgress, clock.instant());
  }

  /** How long it is ago that this process, which still leads, made a tick. */
  Optional<Duration> tickAge() {
    return leads()
        ? Optional.ofNullable(lastTick).map(tick -> Duration.between(tick, clock.instant()))
        : Optional.empty();
  }

  /** What went wrong, as long as it does; a database that was never reached is a problem too. */
  Optional<String> problem() {
    return Optional.ofNullable(problem)
        .or(() -> reached ? Optional.empty() : Optional.of("was not reached in time"));
  }

  /** Whether the role is a new one. */
  boolean standsBy() {
    progress();
    return become(Role.STANDBY);
  }

  /** It is known that there is nothing to tick. */
  void isQuiet() {
    progress();
  }

  /** Whether the role is a new one. */
  boolean looked(int made) {
    progress();
    lastLook = lastProgress;
    if (made > 0) {
      lastTick = lastProgress;
    }
    ticks.addAndGet(made);
    return become(Role.LEADING);
  }

  /** The session is gone. */
  void disconnected() {
    become(Role.CONNECTING);
  }

  /** The session is gone because of this. */
  void failed(String what) {
    problem = what;
    become(Role.CONNECTING);
  }

  /** The same for the fleet page. */
  Standing standing() {
    return new Standing(
        database, role.name().toLowerCase(Locale.ROOT), since, isSilent(clock.instant()), problem);
  }

  View view() {
    var looked = lastLook;
    return new View(
        database.id(),
        role.name().toLowerCase(Locale.ROOT),
        since.toString(),
        looked == null ? null : looked.toString(),
        ticks.get(),
        problem);
  }

  private void progress() {
    lastProgress = clock.instant();
    reached = true;
    problem = null;
  }

  private boolean become(Role next) {
    if (role == next) {
      return false;
    }
    role = next;
    since = clock.instant();
    return true;
  }
}
