package io.github.pgqfleet.mover.campaign;

import java.sql.SQLException;

/** What the campaign's own sessions must bear with. Stateless. */
final class Outage {

  private Outage() {}

  /** Whether the server went away, or is not there yet. */
  static boolean explains(SQLException e) {
    var state = e.getSQLState();
    return state != null && (state.startsWith("08") || state.startsWith("57P"));
  }
}
