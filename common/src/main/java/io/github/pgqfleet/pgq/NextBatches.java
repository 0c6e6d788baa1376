package io.github.pgqfleet.pgq;

import io.github.pgqfleet.sql.SqlScript;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.postgresql.PGStatement;

/**
 * {@code pgq.finish_batch} and {@code pgq.next_batch_custom} of one consumer, for several queues in
 * one statement; on a connection in autocommit mode that is one transaction. As thread-safe as its
 * connection: not.
 */
public final class NextBatches {

  private static final String SQL = SqlScript.load(NextBatches.class, "next_batches.sql");

  private final Connection connection;
  private final String consumer;
  private final int coalesceEvents;

  /**
   * What is asked of a queue.
   *
   * @param delivered the batch of it that is to be finished before
   * @param next whether its next batch is wanted
   */
  public record Asked(String queue, OptionalLong delivered, boolean next) {

    /** For the next batch. */
    public Asked(String queue, OptionalLong delivered) {
      this(queue, delivered, true);
    }
  }

  /**
   * @param coalesceEvents how many events to read at once where a backlog has several ticks; 0 for
   *     one tick a batch. By the event sequence, so inexact; a single tick may have any number
   */
  public NextBatches(Connection connection, String consumer, int coalesceEvents) {
    this.connection = connection;
    this.consumer = consumer;
    this.coalesceEvents = coalesceEvents;
  }

  /**
   * Opens the next batch of each queue, or returns the one that is open; empty when there is no new
   * tick or no next batch is wanted. Never waits for company. Whether a finished batch was still
   * the consumer's is not said: where it was not, another has finished it.
   *
   * @param asked in an order that is the same for all callers, lest they deadlock
   * @return an answer for each, in their order
   * @throws SQLException also when one of the queues is unknown or lacks the consumer; then nothing
   *     has been finished or opened
   */
  public List<Optional<OpenBatch>> of(List<Asked> asked) throws SQLException {
    try (var statement = connection.prepareStatement(SQL)) {
      statement.unwrap(PGStatement.class).setPrepareThreshold(1);
      var queues = asked.stream().map(Asked::queue).toArray();
      var delivered =
          asked.stream()
              .map(a -> a.delivered().isPresent() ? a.delivered().getAsLong() : null)
              .toArray();
      var next = asked.stream().map(Asked::next).toArray();
      statement.setArray(1, connection.createArrayOf("text", queues));
      statement.setArray(2, connection.createArrayOf("int8", delivered));
      statement.setArray(3, connection.createArrayOf("bool", next));
      statement.setString(4, consumer);
      statement.setInt(5, coalesceEvents);
      var batches =
          new ArrayList<Optional<OpenBatch>>(Collections.nCopies(asked.size(), Optional.empty()));
      try (var rows = statement.executeQuery()) {
        while (rows.next()) {
          batches.set(rows.getInt("number") - 1, Optional.of(openBatch(rows)));
        }
      }
      return batches;
    }
  }

  /** {@link #of(List)} one queue. */
  public Optional<OpenBatch> of(Asked asked) throws SQLException {
    return of(List.of(asked)).getFirst();
  }

  private static OpenBatch openBatch(ResultSet row) throws SQLException {
    var batch = new Batch(row.getLong("batch_id"), tick(row, "prev_tick_"), tick(row, "cur_tick_"));
    return new OpenBatch(
        batch, Optional.ofNullable(row.getString("event_sql")), row.getBoolean("is_newest"));
  }

  private static Tick tick(ResultSet row, String prefix) throws SQLException {
    return new Tick(
        row.getLong(prefix + "id"),
        Pgq.instant(row, row.findColumn(prefix + "time")),
        row.getLong(prefix + "event_seq"));
  }
}
