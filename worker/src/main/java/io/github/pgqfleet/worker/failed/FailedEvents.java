package io.github.pgqfleet.worker.failed;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Puts failed events of an open batch aside: to be retried with a delay that grows, or as dead
 * letters after their last attempt. Independent of how the handler ran. Thread-safe.
 */
public final class FailedEvents {

  /** SQLSTATE of a batch that is not open any more: another has taken it over. */
  public static final String BATCH_NOT_OPEN = "P0002";

  /** An error longer than that many characters is cut. */
  private static final int LONGEST_ERROR = 2_000;

  private static final int LONGEST_STACK = 8_000;

  private static final String FAIL = "select retried, dead from pgq_fleet.fail_events(?,?,?,?,?)";

  private final RetryPolicy policy;
  private final RandomGenerator random = RandomGenerator.getDefault();

  /**
   * Where they went.
   *
   * @param retried to be retried
   * @param dead dead letters
   */
  public record Counts(long retried, long dead) {}

  public FailedEvents(RetryPolicy policy) {
    this.policy = policy;
  }

  /** Whether {@link #record} would make it a dead letter, and so keep its error and stack. */
  public boolean isDead(FailedEvent event) {
    return event.dead() || policy.isLastAttempt(event.retry());
  }

  /**
   * Puts the events aside in one statement, which reads the batch once; some ten thousand at a time
   * are well.
   *
   * @param tx in the transaction that finishes the batch; this neither begins nor commits
   * @param events of that batch, each once
   * @return where they went
   * @throws SQLException with state {@link #BATCH_NOT_OPEN} when the batch has been lost; saying
   *     what to do when our SQL is not there, or not granted
   */
  public Counts record(Connection tx, long batchId, List<FailedEvent> events) throws SQLException {
    if (events.isEmpty()) {
      return new Counts(0, 0);
    }
    int size = events.size();
    var ids = new Long[size];
    var delays = new @Nullable String[size];
    var errors = new @Nullable String[size];
    var stacks = new @Nullable String[size];
    var text = StorableText.of(tx);
    for (int i = 0; i < size; i++) {
      var event = events.get(i);
      ids[i] = event.eventId();
      if (isDead(event)) {
        errors[i] = text.of(event.error(), LONGEST_ERROR);
        stacks[i] = text.of(event.stack(), LONGEST_STACK);
      } else {
        delays[i] = policy.delay(event.retry(), random).toMillis() + " ms";
      }
    }
    try (var statement = tx.prepareStatement(FAIL)) {
      statement.setLong(1, batchId);
      statement.setArray(2, tx.createArrayOf("int8", ids));
      statement.setArray(3, tx.createArrayOf("interval", delays));
      statement.setArray(4, tx.createArrayOf("text", errors));
      statement.setArray(5, tx.createArrayOf("text", stacks));
      try (var row = statement.executeQuery()) {
        row.next();
        return new Counts(row.getLong(1), row.getLong(2));
      }
    } catch (SQLException e) {
      throw FailedEventsSql.explained(e);
    }
  }
}
