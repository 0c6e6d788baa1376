package io.github.pgqfleet.deploy.bench;

import io.github.pgqfleet.fixture.PrivateCluster;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;

/** A database of the fleet. */
record Source(PrivateCluster cluster, String name) {

  /** What PostgreSQL shows of the benchmark's own sessions. */
  static final String APPLICATION_NAME = "pgq-fleet bench";

  /** A new connection, as the superuser; the caller closes it. */
  Connection connect() throws SQLException {
    return connect(cluster, name);
  }

  static Connection connect(PrivateCluster cluster, String database) throws SQLException {
    return DriverManager.getConnection(
        cluster.jdbcUrl(database) + "&ApplicationName=" + APPLICATION_NAME.replace(" ", "%20"));
  }
}
