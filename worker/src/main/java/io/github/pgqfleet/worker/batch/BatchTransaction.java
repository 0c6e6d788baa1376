package io.github.pgqfleet.worker.batch;

import io.github.pgqfleet.worker.coop.PgqCoop;
import io.github.pgqfleet.worker.coop.SubConsumerId;
import java.sql.Connection;
import java.sql.SQLException;

/**
 * The statements that frame the transaction of a batch. They leave a mark in the transaction, so
 * that one which a handler has ended unseen, by a {@code COMMIT} of its own, is not mistaken for
 * it. Not thread-safe.
 */
final class BatchTransaction {

  private static final String IS_OPEN =
      "select exists (select from pgq.subscription where sub_batch = ?)";
  private static final String BEGIN =
      "select pgq.batch_event_sql(?), set_config('pgq_fleet.batch', ?, true)";
  private static final String STILL_OPEN =
      "select coalesce(current_setting('pgq_fleet.batch', true), '')";

  private final Connection connection;
  private final SubConsumerId id;
  private final long batchId;

  BatchTransaction(Connection connection, SubConsumerId id, long batchId) {
    this.connection = connection;
    this.id = id;
    this.batchId = batchId;
  }

  /** A look ahead, since {@link #begin} raises for a batch that nobody has open. */
  boolean isOpen() throws SQLException {
    try (var statement = connection.prepareStatement(IS_OPEN)) {
      statement.setLong(1, batchId);
      try (var row = statement.executeQuery()) {
        row.next();
        return row.getBoolean(1);
      }
    }
  }

  /** The query of the batch's events. */
  String begin() throws SQLException {
    try (var statement = connection.prepareStatement(BEGIN)) {
      statement.setLong(1, batchId);
      statement.setString(2, Long.toString(batchId));
      try (var row = statement.executeQuery()) {
        row.next();
        return row.getString(1);
      }
    }
  }

  /**
   * Closes the batch, if it is still this sub-consumer's.
   *
   * @throws BatchLostException when it is not
   * @throws IllegalStateException when the transaction is not the one that began
   */
  void finish() throws SQLException, BatchLostException {
    try (var statement = connection.createStatement();
        var row = statement.executeQuery(STILL_OPEN)) {
      row.next();
      if (!row.getString(1).equals(Long.toString(batchId))) {
        throw new IllegalStateException(
            "the handler ended the worker's transaction; what it wrote before that is committed,"
                + " and its events come again: take COMMIT and ROLLBACK out of it");
      }
    }
    var coop = new PgqCoop(connection);
    // Locks the main consumer's row, so that nobody takes the batch over from here to the commit.
    var open = coop.nextBatch(id);
    if (open.isEmpty() || open.getAsLong() != batchId) {
      throw new BatchLostException("another batch is open, or none");
    }
    if (!coop.finishBatch(batchId)) {
      throw new BatchLostException("finish_batch did not find it");
    }
  }
}
