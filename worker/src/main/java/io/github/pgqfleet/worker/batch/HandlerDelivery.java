package io.github.pgqfleet.worker.batch;

import io.github.pgqfleet.worker.api.Delivery;
import java.sql.BatchUpdateException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import org.jspecify.annotations.Nullable;
import org.postgresql.core.BaseConnection;

/**
 * A batch, or a part of one, as a Java handler sees it. Statements that it sends wait here for each
 * other. Not thread-safe.
 */
final class HandlerDelivery implements Delivery, AutoCloseable {

  /** More gain nothing: the driver asks for answers each few hundred statements. */
  private static final int MOST_WAITING = 500;

  private static final String FEATURE_NOT_SUPPORTED = "0A000";

  private final BatchDelivery batch;

  private String sql = "";
  private @Nullable PreparedStatement statement;
  private int waiting;

  HandlerDelivery(BatchDelivery batch) {
    this.batch = batch;
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
    return batch.connection();
  }

  @Override
  public void send(String sql, Parameters parameters) throws SQLException {
    if (waiting == MOST_WAITING || !sql.equals(this.sql)) {
      flush();
    }
    if (statement == null) {
      requireSingle(sql);
      statement = connection().prepareStatement(sql);
      this.sql = sql;
    }
    // The last event's would do for one that was forgotten.
    statement.clearParameters();
    parameters.set(statement);
    statement.addBatch();
    waiting++;
  }

  /** The driver takes texts of several only as long as there is one execution in its batch. */
  private void requireSingle(String sql) throws SQLException {
    var driver = connection().unwrap(BaseConnection.class);
    if (driver.createQuery(sql, true, true).query.getSubqueries() != null) {
      throw new SQLFeatureNotSupportedException(
          "several statements in one text cannot be sent; make them one by WITH, or a function: "
              + sql,
          FEATURE_NOT_SUPPORTED);
    }
  }

  @Override
  public void flush() throws SQLException {
    try (var sent = statement) {
      forget();
      if (sent != null) {
        sent.executeBatch();
      }
    } catch (BatchUpdateException e) {
      // Its own message quotes the parameters.
      throw e.getNextException() == null ? e : e.getNextException();
    }
  }

  /** Drops what still waits. */
  @Override
  public void close() throws SQLException {
    try (var _ = statement) {
      forget();
    }
  }

  private void forget() {
    statement = null;
    waiting = 0;
  }
}
