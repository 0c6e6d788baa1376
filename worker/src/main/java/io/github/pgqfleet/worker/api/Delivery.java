package io.github.pgqfleet.worker.api;

import java.sql.Connection;

/**
 * The batch that a handler is given: where its events come from, and the transaction they are
 * handled in. Valid until the handler returns; not for use by other threads.
 */
public interface Delivery {

  /** The queue's name. */
  String queue();

  /** The consumer whose sub-consumers share the queue. */
  String consumer();

  /** The sub-consumer that works on this batch, such as {@code host1_2}. */
  String subconsumer();

  /** PgQ's id of the batch. After a roll-back the same events may come under another id. */
  long batchId();

  /**
   * The connection of the transaction that finishes the batch; its isolation level is READ
   * COMMITTED. Savepoints may be set, rolled back to and released. The transaction itself is the
   * worker's: {@code commit}, {@code rollback}, {@code close}, {@code abort} and changes of
   * auto-commit, isolation or read-only mode throw {@link IllegalStateException}, and a {@code
   * COMMIT} sent as a statement fails the batch.
   *
   * <p>The session outlives the batch and may serve another handler then: prefer {@code SET LOCAL}
   * and transaction-level locks to what lasts as long as the session.
   */
  Connection connection();
}
