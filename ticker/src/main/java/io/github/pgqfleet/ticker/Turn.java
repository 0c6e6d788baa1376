package io.github.pgqfleet.ticker;

import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * When a database is looked at next: at a beat of its {@link ServerPulse}, when something may have
 * been committed, or by the clock. Its ticker waits here. Thread-safe.
 */
final class Turn {

  /** A look may come a quarter of the period early, or be put off by as much, to save another. */
  private static final int TOLERANCE = 4;

  /** Each database is looked at so often at the least, whatever the pulse says. */
  private static final Duration AT_LATEST = Duration.ofSeconds(30);

  private final DatabaseState state;
  private final long systemIdentifier;
  private final Cadence cadence;
  private final long period;
  private final Semaphore given = new Semaphore(0);
  private volatile boolean waiting;
  private volatile boolean wanted;
  private volatile boolean owed;
  private volatile long clockDue;
  private volatile long begin = System.nanoTime();

  /** For the pulse: when the last was given, and the last but one. */
  private long lastGiven = begin - Duration.ofHours(1).toNanos();

  private long givenBefore = lastGiven;

  /**
   * @param systemIdentifier the server that the waiting session is on
   */
  Turn(DatabaseState state, long systemIdentifier) {
    this.state = state;
    this.systemIdentifier = systemIdentifier;
    this.period = state.period().toNanos();
    this.cadence = new Cadence(state.period(), System::nanoTime);
  }

  DatabaseState state() {
    return state;
  }

  long systemIdentifier() {
    return systemIdentifier;
  }

  /** The longest time between two looks. */
  static Duration longest(Duration period) {
    return period.compareTo(AT_LATEST) > 0 ? period : AT_LATEST;
  }

  // --- for the ticker ---

  /**
   * Waits for the next look.
   *
   * @param pulse the server's
   * @param untilDue when the clock alone makes one due; zero for the next period
   */
  void await(ServerPulse pulse, Duration untilDue) throws InterruptedException {
    var now = System.nanoTime();
    if (pulse.beatsFor(this)) {
      owed = untilDue.isZero();
      var longest = longest(state.period()).toNanos();
      var own = untilDue.isZero() ? longest : Math.min(longest, untilDue.toNanos());
      clockDue = Math.max(now + own, begin + period - period / TOLERANCE);
    } else {
      clockDue = now + cadence.untilNext().toNanos();
    }
    waiting = true;
    if (!given.tryAcquire(clockDue - now, TimeUnit.NANOSECONDS)) {
      begin = clockDue;
    }
    waiting = false;
    given.drainPermits();
  }

  /** How long ago the look should have begun. */
  Duration lateness() {
    return Duration.ofNanos(Math.max(0, System.nanoTime() - begin));
  }

  /** Wakes the ticker, whatever is to be done. */
  void wake() {
    begin = System.nanoTime();
    given.release();
  }

  // --- for the pulse ---

  /**
   * A beat. There is a turn a period; but after a pause a second one may follow at once, for the
   * first may have come in the midst of a transaction.
   *
   * @param changed whether something may have been committed since the last one
   * @param slack by how much beats may come early
   * @return whether the turn should be given now
   */
  boolean isWanted(boolean changed, long now, long slack) {
    if (changed) {
      wanted = true;
    }
    if (waiting && !wanted && !owed) {
      // Nothing to tick is as good as ticked.
      state.isQuiet();
    }
    var dueSoon = clockDue - now > 0 && clockDue - now < period / TOLERANCE;
    if (waiting && dueSoon) {
      return false;
    }
    var periodIsOver = now - lastGiven >= period - slack;
    var second = now - givenBefore >= 2 * period - slack;
    return wanted ? periodIsOver || second : owed && periodIsOver;
  }

  /** Whether the ticker rests, and has counted all the ticks that it has made. */
  boolean isWaiting() {
    return waiting;
  }

  /** Gives it. */
  void give() {
    wanted = false;
    owed = false;
    givenBefore = lastGiven;
    lastGiven = System.nanoTime();
    begin = lastGiven;
    given.release();
  }
}
