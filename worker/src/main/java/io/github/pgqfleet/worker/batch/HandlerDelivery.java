package io.github.pgqfleet.worker.batch;

import io.github.pgqfleet.worker.api.Delivery;
import java.sql.BatchUpdateException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;
import org.postgresql.core.BaseConnection;
import org.postgresql.core.SqlCommandType;

/**
 * A batch, or a part of one, as a Java handler sees it. Statements that it sends wait here for each
 * other. Not thread-safe.
 */
final class HandlerDelivery implements Delivery, AutoCloseable {

  /** More gain nothing: the driver asks for answers each few hundred statements. */
  private static final int MOST_WAITING = 500;

  private final BatchDelivery batch;
  private final Connection connection;
  private final Connection guarded;
  private final int mostWaiting;

  private String sql = "";
  private @Nullable PreparedStatement statement;
  private boolean isQuery;
  private int waiting;

  /** Of what waited. What was lost with it is not made up for by what follows. */
  private @Nullable SQLException failure;

  private boolean closed;

  /**
   * @param connection the transaction's
   * @param atOnce most events that are held in memory at once, and so most statements
   */
  HandlerDelivery(BatchDelivery batch, Connection connection, int atOnce) {
    this.batch = batch;
    this.connection = connection;
    this.guarded = GuardedConnection.around(connection, this::flush);
    this.mostWaiting = Math.min(atOnce, MOST_WAITING);
  }

  @Override
  public String queue() {
    return batch.id().queue();
  }

  @Override
  public String consumer() {
    return batch.id().consumer();
  }

  @Override
  public String subconsumer() {
    return batch.id().subconsumer();
  }

  @Override
  public long batchId() {
    return batch.batchId();
  }

  @Override
  public Connection connection() {
    return guarded;
  }

  @Override
  public void send(String sql, Parameters parameters) throws SQLException {
    if (closed) {
      throw new IllegalStateException(
          "statements cannot be sent after the handler has returned from batch " + batchId());
    }
    if (failure != null || waiting >= mostWaiting || !sql.equals(this.sql)) {
      flush();
    }
    if (statement == null) {
      isQuery = isQuery(sql);
      statement = connection.prepareStatement(sql);
      this.sql = sql;
    }
    // The last event's would do for one that was forgotten.
    statement.clearParameters();
    parameters.set(statement);
    if (isQuery) {
      // Together with others the driver would have only its first row made.
      statement.execute();
    } else {
      statement.addBatch();
      waiting++;
    }
  }

  private boolean isQuery(String sql) throws SQLException {
    var query = connection.unwrap(BaseConnection.class).createQuery(sql, true, true).query;
    if (query.getSubqueries() != null) {
      // The driver would take them as long as there is no other execution.
      throw new BrokenHandlerException(
          "several statements in one text cannot be sent; make them one by WITH, or a procedure");
    }
    var command = query.getSqlCommand();
    return command != null
        && (command.getType() == SqlCommandType.SELECT || command.getType() == SqlCommandType.WITH);
  }

  @Override
  public void flush() throws SQLException {
    if (failure != null) {
      throw failure;
    }
    try (var sent = statement) {
      statement = null;
      waiting = 0;
      if (sent != null) {
        sent.executeBatch();
      }
    } catch (SQLException e) {
      // A batch's own message quotes the parameters.
      var reason = e instanceof BatchUpdateException ? e.getNextException() : null;
      failure = reason == null ? e : reason;
      throw failure;
    }
  }

  /** Drops what still waits. */
  @Override
  public void close() throws SQLException {
    closed = true;
    if (statement != null) {
      statement.close();
    }
  }
}
