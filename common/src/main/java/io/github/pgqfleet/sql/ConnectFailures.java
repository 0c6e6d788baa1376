package io.github.pgqfleet.sql;

import java.net.UnknownHostException;
import java.sql.SQLException;

/** Says of a failed connection which database, where, as whom, and what to do. Stateless. */
final class ConnectFailures {

  private ConnectFailures() {}

  static SQLException named(Database database, SQLException e) {
    var settings = database.settings();
    var message =
        "cannot connect to %s at %s:%d as %s: %s%s"
            .formatted(
                database, settings.host(), settings.port(), settings.user(), reason(e), remedy(e));
    return new SQLException(message, e.getSQLState(), e);
  }

  /** The driver says no more than that an attempt failed when it does not find the host. */
  private static String reason(SQLException e) {
    return e.getCause() instanceof UnknownHostException
        ? "the name of the host is not known here"
        : String.valueOf(e.getMessage());
  }

  private static String remedy(SQLException e) {
    var state = e.getSQLState() == null ? "" : e.getSQLState();
    var message = e.getMessage() == null ? "" : e.getMessage();
    if (message.contains("startup parameter")) {
      return "; a connection pooler is in between, but session locks and LISTEN need a direct"
          + " connection";
    }
    return switch (state) {
      case "28P01" -> "; check the password in password-env, password-file or pgpass";
      case "28000" -> "; check the role and the server's pg_hba.conf";
      case "3D000" -> "; create the database, or take it out of the configuration";
      case "53300" -> "; raise max_connections on the server, or the role's connection limit";
      case "08001" -> "; check that the server runs and is reachable at that address";
      default -> "";
    };
  }
}
