package io.github.pgqfleet.ticker;

import io.github.pgqfleet.sql.Database;
import io.github.pgqfleet.sql.Sessions;
import java.sql.SQLException;

/** What all tickers of this process share. Thread-safe. */
record Ticking(
    TickerConfig config,
    Sessions sessions,
    ServerGates gates,
    FailureLog failures,
    TickerMetrics metrics,
    MaintenanceStarter starter) {

  /** Sets maintenance going, beside the ticks; nothing happens when it is still under way. */
  interface MaintenanceStarter {

    void maintain(DatabaseState state);

    void retry(DatabaseState state);
  }

  /** Opens a session that may lead and tick. */
  TickingSession open(Database database, SuspectQueues suspects) throws SQLException {
    return TickingSession.open(sessions, database, config.notifies(), suspects, failures, metrics);
  }
}
