package io.github.pgqfleet.worker;

import io.github.pgqfleet.fixture.Await;
import io.github.pgqfleet.fixture.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;

/**
 * A session of the test that holds a lock at which a worker stops, until it is released: real locks
 * of the server, so that the worker needs no knowledge of being tested.
 */
final class Stopper implements AutoCloseable {

  private final TestDatabase database;
  private final Connection connection;
  private final int pid;

  /** Holds nothing yet. */
  Stopper(TestDatabase database) throws SQLException {
    this.database = database;
    this.connection = database.connect();
    this.connection.setAutoCommit(false);
    try (var statement = connection.createStatement();
        var row = statement.executeQuery("select pg_backend_pid()")) {
      row.next();
      pid = row.getInt(1);
    }
  }

  /** Takes a lock with a statement, until {@link #release}. */
  Stopper hold(String sql) throws SQLException {
    try (var statement = connection.createStatement()) {
      statement.execute(sql);
    }
    return this;
  }

  /** Waits until some session waits for this one. */
  void awaitStopped() {
    awaitStopped(1);
  }

  /** Waits until so many sessions wait for this one. */
  void awaitStopped(int sessions) {
    Await.until(
        sessions + " sessions to stop at the lock",
        Duration.ofSeconds(60),
        () ->
            database.number(
                    "select count(*) from pg_stat_activity where ? = any (pg_blocking_pids(pid))",
                    pid)
                >= sessions);
  }

  /** Lets everybody go on. */
  void release() throws SQLException {
    connection.commit();
  }

  @Override
  public void close() throws SQLException {
    connection.close();
  }
}
