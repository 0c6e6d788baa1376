package io.github.pgqfleet.ticker;

import io.github.pgqfleet.lifecycle.Service;
import io.github.pgqfleet.lifecycle.ServiceContext;
import io.github.pgqfleet.sql.Database;
import io.github.pgqfleet.ticker.page.DatabaseSurvey;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Comparator;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ticks one database while it holds the lock of {@link Leadership}, and stands by while another
 * does. With a bounded {@link Lifetime} it hands over at the end: it goes on until another session
 * stands by.
 *
 * <p>A failure of the database ends the session, and with it the leadership; the supervisor begins
 * anew after a pause. Runs in one thread.
 */
final class DatabaseTicker implements Service {

  private static final Logger log = LoggerFactory.getLogger(DatabaseTicker.class);

  /** Bound on the pause at the start, by which the databases are spread over a period. */
  private static final Duration SPREAD = Duration.ofSeconds(1);

  /**
   * The least time after which a leader that says nothing is taken for frozen: three beats of its
   * pulse and more, and short enough for a standby to tick within three periods of a second.
   */
  private static final Duration SILENCE = Duration.ofMillis(1700);

  /** Where a leader was just ended the lock is free in a moment. */
  private static final Duration MOMENT = Duration.ofMillis(50);

  private final Database database;
  private final Ticking ticking;
  private final DatabaseState state;
  private final Lifetime lifetime;
  private final SuspectQueues suspects;
  private final DatabaseSessions sessions;
  private final DatabaseSurvey survey;
  private final Every maintenance;
  private final Every retries;
  private final Every watches;
  private final Duration silence;
  private volatile @Nullable Turn turn;
  private boolean started;
  private boolean handOverFailed;

  DatabaseTicker(Database database, Ticking ticking, DatabaseState state, Lifetime lifetime) {
    this.database = database;
    this.ticking = ticking;
    this.state = state;
    this.lifetime = lifetime;
    this.suspects = new SuspectQueues(database, ticking.failures(), System::nanoTime);
    this.sessions = new DatabaseSessions(database, ticking, suspects);
    this.survey = ticking.surveys().add(database, this::wake);
    var random = RandomGenerator.getDefault();
    var config = ticking.config();
    this.maintenance = new Every(config.maintenancePeriod(), System::nanoTime, random);
    this.retries = new Every(config.retryPeriod(), System::nanoTime, random);
    this.watches = new Every(config.watchPeriod(), System::nanoTime, random);
    var periods = state.period().multipliedBy(3).dividedBy(2);
    this.silence = periods.compareTo(SILENCE) > 0 ? periods : SILENCE;
  }

  static String nameOf(Database database) {
    return "ticker " + database;
  }

  @Override
  public String name() {
    return nameOf(database);
  }

  @Override
  public Part part() {
    return Part.AWAITED;
  }

  @Override
  public void run(ServiceContext context) throws Exception {
    if (!started && !context.sleep(startDelay())) {
      return;
    }
    started = true;
    if (lifetime.isOver()) {
      return;
    }
    try {
      serveWithFreshSessions(context);
      state.disconnected();
      suspects.clear();
    } catch (SQLException | RuntimeException e) {
      ticking.metrics().failed();
      state.failed(FailureLog.oneLine(e));
      throw e;
    } finally {
      if (context.stopRequested()) {
        forget();
      }
    }
  }

  /** One session after the other, for a backend's memory only grows. */
  private void serveWithFreshSessions(ServiceContext context)
      throws SQLException, InterruptedException {
    var first = sessions.first(context);
    if (first.isEmpty()) {
      return;
    }
    var session = first.get();
    try {
      while (serve(session, context)) {
        session = sessions.replacementOf(session, context);
      }
    } finally {
      session.close();
    }
  }

  /**
   * Looks and ticks until the session has lived long enough, or the ticker is to end.
   *
   * @return whether to go on with a new session
   * @throws SQLException when the session is lost
   */
  private boolean serve(TickingSession session, ServiceContext context)
      throws SQLException, InterruptedException {
    var pulse = ticking.pulse(database);
    var its = new Turn(state, session.systemIdentifier());
    turn = its;
    pulse.join(its);
    try {
      while (!context.stopRequested()) {
        ticking.metrics().late(its.lateness());
        var rest =
            session.leadership().leads() ? lead(session, context) : standBy(session, context);
        context.succeeded();
        if (rest.isEmpty()) {
          return false;
        }
        if (sessions.areOld()) {
          return true;
        }
        its.await(pulse, rest.get());
      }
      return false;
    } finally {
      pulse.leave(its);
    }
  }

  @Override
  public void wake() {
    var its = turn;
    if (its != null) {
      its.wake();
    }
  }

  /** How long to rest, zero for a period; nothing when there is no more to do. */
  private Optional<Duration> lead(TickingSession session, ServiceContext context)
      throws SQLException, InterruptedException {
    var begin = System.nanoTime();
    var pass = survey.isDue() ? session.tickDueQueues(survey) : session.tickDueQueues();
    ticking.metrics().looked(pass.ticks(), Duration.ofNanos(System.nanoTime() - begin));
    if (state.looked(pass.ticks())) {
      log.info("database={} event=leading", database);
    }
    doChores(session, maintenance.isDue(), retries.isDue());
    if (watches.isDue()) {
      watch(session);
    }
    ticking.survey(session, database, survey, OptionalLong.of(pass.eventIds()));
    if (!lifetime.isOver()) {
      return Optional.of(
          Stream.of(
                  pass.untilDue(),
                  maintenance.untilDue(),
                  retries.untilDue(),
                  watches.untilDue(),
                  survey.untilDue(),
                  lifetime.untilOver())
              .min(Comparator.naturalOrder())
              .orElseThrow());
    }
    if (session.leadership().standbyIsThere() && handsOver(session, context)) {
      return Optional.empty();
    }
    if (lifetime.isLongOver()) {
      log.info("database={} event=left reason=no_standby_came", database);
      session.leadership().release();
      return Optional.empty();
    }
    return Optional.of(Duration.ZERO);
  }

  /** Lets the standby lead, which tries each period; goes on when it does not, for it may hang. */
  private boolean handsOver(TickingSession session, ServiceContext context)
      throws SQLException, InterruptedException {
    session.leadership().release();
    if (context.sleep(state.period().plus(state.period().dividedBy(4)))
        && session.leadership().leads()) {
      if (!handOverFailed) {
        log.warn("database={} event=hand_over_failed reason=standby_does_not_take_over", database);
        handOverFailed = true;
      }
      return false;
    }
    log.info("database={} event=handed_over", database);
    return true;
  }

  private void doChores(TickingSession session, boolean maintains, boolean retries)
      throws SQLException {
    if (!maintains && !retries) {
      return;
    }
    var chores = session.chores(ticking.config().vacuum());
    if (retries && chores.retries()) {
      ticking.starter().retry(state);
    }
    if (maintains && chores.maintenance()) {
      ticking.starter().maintain(state);
    } else if (maintains) {
      MaintenanceRound.nothingToDo(database, ticking.failures());
    }
  }

  /** Somebody else looks after the database now, or nobody. */
  private void forget() {
    ticking.failures().forget(database);
    ticking.alarms().forget(database);
  }

  private void watch(TickingSession session) throws SQLException {
    var part = "alarms " + database;
    try {
      ticking.alarms().seen(database, session.watch(ticking.config().mostEventsToCount()));
      ticking.failures().succeeded(database, part);
    } catch (SQLException e) {
      QueueTicks.rethrowIfLost(e);
      ticking.failures().failed(database, part, e);
    }
  }

  /** How long to rest, zero for a period; nothing when there is no more to do. */
  private Optional<Duration> standBy(TickingSession session, ServiceContext context)
      throws SQLException, InterruptedException {
    session.leadership().standBy();
    if (state.standsBy()) {
      suspects.clear();
      forget();
      log.info("database={} event=standby", database);
    }
    if (lifetime.isOver()) {
      return Optional.empty();
    }
    var sessionSilence = Turn.longest(state.period()).plus(silence);
    if (session.leadership().endSilentLeader(silence, sessionSilence)) {
      log.warn("database={} event=silent_leader_ended silent_for={}", database, silence);
      context.sleep(MOMENT);
      wake();
    }
    ticking.survey(session, database, survey, OptionalLong.empty());
    return Optional.of(state.period().dividedBy(2));
  }

  private Duration startDelay() {
    var period = state.period();
    var bound = period.compareTo(SPREAD) < 0 ? period : SPREAD;
    return Duration.ofNanos((long) (bound.toNanos() * RandomGenerator.getDefault().nextDouble()));
  }
}
