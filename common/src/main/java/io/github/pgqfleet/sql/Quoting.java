package io.github.pgqfleet.sql;

import java.sql.Connection;
import java.sql.SQLException;
import org.postgresql.PGConnection;

/** Quotes by the driver's own means, where a parameter is not possible. Stateless. */
public final class Quoting {

  private Quoting() {}

  /** A string literal, quotes included. */
  public static String literal(Connection connection, String text) throws SQLException {
    return "'" + connection.unwrap(PGConnection.class).escapeLiteral(text) + "'";
  }
}
