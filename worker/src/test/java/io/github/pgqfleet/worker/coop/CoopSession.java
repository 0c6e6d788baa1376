package io.github.pgqfleet.worker.coop;

import io.github.pgqfleet.fixture.Await;
import io.github.pgqfleet.fixture.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/** One client's session in a transaction of its own, whose statements may block on another's. */
final class CoopSession implements AutoCloseable {

  static final Duration DEAD_AT_ONCE = Duration.ZERO;

  private final Connection connection;
  private final int pid;
  private final TestDatabase database;
  final PgqCoop coop;

  CoopSession(TestDatabase database) throws SQLException {
    this.database = database;
    connection = database.connect();
    coop = new PgqCoop(connection);
    try (var statement = connection.createStatement();
        var row = statement.executeQuery("select pg_backend_pid()")) {
      row.next();
      pid = row.getInt(1);
    }
  }

  CoopSession begin() throws SQLException {
    connection.setAutoCommit(false);
    return this;
  }

  void commit() throws SQLException {
    connection.commit();
    connection.setAutoCommit(true);
  }

  void rollback() throws SQLException {
    connection.rollback();
    connection.setAutoCommit(true);
  }

  /** Starts a call that must wait for a lock, and returns once it does. */
  <T> CompletableFuture<T> blocked(Callable<T> call) {
    var future = new CompletableFuture<T>();
    Thread.ofVirtual()
        .start(
            () -> {
              try {
                future.complete(call.call());
              } catch (Exception e) {
                future.completeExceptionally(e);
              }
            });
    Await.until(
        "session " + pid + " to wait for a lock",
        Duration.ofSeconds(20),
        () -> {
          if (future.isDone()) {
            throw new CompletionException("it did not wait", null);
          }
          return database.number("select cardinality(pg_blocking_pids(?))", pid) > 0;
        });
    return future;
  }

  long open(SubConsumerId id) throws SQLException {
    return coop.nextBatch(id).orElseThrow();
  }

  OptionalLong takeOver(SubConsumerId id) throws SQLException {
    return coop.nextBatch(id, DEAD_AT_ONCE);
  }

  @Override
  public void close() throws SQLException {
    connection.close();
  }
}
