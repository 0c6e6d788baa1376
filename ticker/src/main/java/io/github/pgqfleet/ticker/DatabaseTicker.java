package io.github.pgqfleet.ticker;

import io.github.pgqfleet.lifecycle.Service;
import io.github.pgqfleet.lifecycle.ServiceContext;
import io.github.pgqfleet.sql.Database;
import java.sql.SQLException;
import java.time.Duration;
import java.util.random.RandomGenerator;
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

  /** Periods after which a leader that says nothing is taken for frozen. */
  private static final int SILENT_PERIODS = 3;

  /** And the least time: a busy machine may be slow. */
  private static final Duration LEAST_SILENCE = Duration.ofSeconds(3);

  private final Database database;
  private final Ticking ticking;
  private final DatabaseState state;
  private final Lifetime lifetime;
  private final SuspectQueues suspects;
  private final Every maintenance;
  private final Every retries;
  private final Every leaderChecks;
  private final Duration silence;
  private boolean started;

  DatabaseTicker(Database database, Ticking ticking, DatabaseState state, Lifetime lifetime) {
    this.database = database;
    this.ticking = ticking;
    this.state = state;
    this.lifetime = lifetime;
    this.suspects = new SuspectQueues(database, ticking.failures(), System::nanoTime);
    var random = RandomGenerator.getDefault();
    var config = ticking.config();
    this.maintenance = new Every(config.maintenancePeriod(), System::nanoTime, random);
    this.retries = new Every(config.retryPeriod(), System::nanoTime, random);
    var periods = config.period().multipliedBy(SILENT_PERIODS);
    this.silence = periods.compareTo(LEAST_SILENCE) > 0 ? periods : LEAST_SILENCE;
    this.leaderChecks = new Every(silence.dividedBy(SILENT_PERIODS), System::nanoTime, random);
  }

  static String nameOf(Database database) {
    return "ticker " + database;
  }

  @Override
  public String name() {
    return nameOf(database);
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
    try (var session =
        ticking.gates().connecting(database, () -> ticking.open(database, suspects))) {
      serve(session, context);
      state.disconnected();
      suspects.clear();
    } catch (SQLException | RuntimeException e) {
      ticking.metrics().failed();
      state.failed(FailureLog.oneLine(e));
      throw e;
    } finally {
      if (context.stopRequested()) {
        ticking.failures().forget(database);
      }
    }
  }

  private void serve(TickingSession session, ServiceContext context)
      throws SQLException, InterruptedException {
    var cadence = new Cadence(ticking.config().period(), System::nanoTime);
    var goesOn = true;
    while (goesOn) {
      ticking.metrics().late(cadence.lateness());
      goesOn = session.leadership().leads() ? lead(session) : standBy(session);
      context.succeeded();
      goesOn = goesOn && context.sleep(cadence.untilNext());
    }
  }

  /** Whether there is a next period. */
  private boolean lead(TickingSession session) throws SQLException {
    var begin = System.nanoTime();
    var ticks = session.tickDueQueues();
    ticking.metrics().looked(ticks, Duration.ofNanos(System.nanoTime() - begin));
    if (state.looked(ticks)) {
      log.info("database={} event=leading", database);
    }
    if (maintenance.isDue() && session.maintenanceIsDue(ticking.config().vacuum())) {
      ticking.starter().maintain(state);
    }
    if (retries.isDue() && session.retriesAreDue()) {
      ticking.starter().retry(state);
    }
    if (!lifetime.isOver()) {
      return true;
    }
    if (session.leadership().standbyIsThere()) {
      log.info("database={} event=handed_over", database);
    } else if (lifetime.isLongOver()) {
      log.info("database={} event=left reason=no_standby_came", database);
    } else {
      return true;
    }
    session.leadership().release();
    return false;
  }

  /** Whether there is a next period. */
  private boolean standBy(TickingSession session) throws SQLException {
    session.leadership().standBy();
    if (state.standsBy()) {
      suspects.clear();
      ticking.failures().forget(database);
      log.info("database={} event=standby", database);
    }
    if (leaderChecks.isDue() && session.leadership().endSilentLeader(silence)) {
      log.warn("database={} event=silent_leader_ended silent_for={}", database, silence);
    }
    return !lifetime.isOver();
  }

  private Duration startDelay() {
    var period = ticking.config().period();
    var bound = period.compareTo(SPREAD) < 0 ? period : SPREAD;
    return Duration.ofNanos((long) (bound.toNanos() * RandomGenerator.getDefault().nextDouble()));
  }
}
