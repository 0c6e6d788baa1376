package io.github.pgqfleet.ticker;

import io.github.pgqfleet.sql.Database;
import io.github.pgqfleet.sql.Sessions;
import io.github.pgqfleet.ticker.page.DatabaseSurvey;
import io.github.pgqfleet.ticker.page.Surveys;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;

/**
 * What all tickers of this process share. Thread-safe.
 *
 * @param pulses by the server's name
 */
record Ticking(
    TickerConfig config,
    Sessions tickingSessions,
    Sessions maintenanceSessions,
    Map<String, ServerPulse> pulses,
    ServerGates gates,
    FailureLog failures,
    Alarms alarms,
    TickerMetrics metrics,
    Surveys surveys,
    MaintenanceStarter starter) {

  private static final Duration LEAST_LOCK_TIMEOUT = Duration.ofMillis(250);

  /** Sets maintenance going, beside the ticks; nothing happens when it is still under way. */
  interface MaintenanceStarter {

    void maintain(DatabaseState state);

    void retry(DatabaseState state);
  }

  /** Opens a session that may lead and tick, where PgQ can be used. */
  TickingSession open(Database database, SuspectQueues suspects) throws SQLException {
    var session = openUnchecked(database, suspects);
    try {
      session.requirePgq();
      return session;
    } catch (SQLException e) {
      try (session) {
        throw e;
      }
    }
  }

  /** The same, where whoever fails will ask why. */
  TickingSession openUnchecked(Database database, SuspectQueues suspects) throws SQLException {
    // A look or a tick that waits for a lock holds up the other queues; it will be tried again.
    var settings = database.settings().withLockTimeout(lockTimeout(database));
    return TickingSession.open(
        tickingSessions,
        database.with(settings),
        config.notifies(),
        suspects,
        failures,
        metrics,
        (queue, by) -> surveys.moved(database, queue, by));
  }

  /**
   * Adds a survey for the fleet page to a look, when one is due.
   *
   * @param eventIds where the event sequences stand, all together
   */
  void survey(
      TickingSession session, Database database, DatabaseSurvey survey, OptionalLong eventIds)
      throws SQLException {
    if (survey.isDue(eventIds)) {
      var part = "survey " + database;
      try {
        session.survey(survey);
        failures.succeeded(database, part);
      } catch (SQLException e) {
        QueueTicks.rethrowIfLost(e);
        failures.failed(database, part, e);
      }
    }
  }

  private Duration lockTimeout(Database database) {
    var period = config.period(database);
    return period.compareTo(LEAST_LOCK_TIMEOUT) > 0 ? period : LEAST_LOCK_TIMEOUT;
  }

  /** The pulse of a database's server. */
  ServerPulse pulse(Database database) {
    return Objects.requireNonNull(pulses.get(database.server()));
  }
}
