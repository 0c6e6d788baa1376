package io.github.pgqfleet.worker.api;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;

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

  /** Sets the parameters of a statement. */
  @FunctionalInterface
  interface Parameters {

    /**
     * Sets all of them, to values and not to streams, which would be read only when the statement
     * is executed; and does nothing else.
     *
     * @param statement has none set
     */
    void set(PreparedStatement statement) throws SQLException;
  }

  /**
   * Has a statement executed whose answer the handler does not need, and does not wait for it:
   * those of many events are sent to the server together, which is several times as fast as a round
   * trip each. They are executed in the transaction, in the order in which they were given; at the
   * latest before the batch is finished. When one fails, the worker finds its event as if it had
   * failed at once.
   *
   * <p>Another text than the last one's sends what waits. So an event that takes several statements
   * has them in one, by {@code WITH} or as a procedure that is called. A {@code SELECT}, also of a
   * function, does not wait: it is executed before this returns.
   *
   * <p>A statement that is made from {@link #connection} afterwards sees what they did, since what
   * waits is sent first; {@link #flush} before one that was made earlier.
   *
   * <pre>
   * delivery.send("insert into seen (event) values (?)", insert -> insert.setLong(1, event.id()));
   * </pre>
   *
   * @param sql one statement, with {@code ?} for parameters; rows that it returns are dropped
   * @param parameters sets them; called once, before this returns
   * @throws SQLException when a parameter cannot be set; or one of the statements that waited has
   *     failed, perhaps an earlier event's: then the batch cannot be finished any more, and each
   *     further call throws the same
   * @throws IllegalStateException when the handler has returned already
   */
  void send(String sql, Parameters parameters) throws SQLException;

  /**
   * Sends the statements that wait, and returns when they have been executed.
   *
   * @throws SQLException when one has failed, as by {@link #send}
   */
  void flush() throws SQLException;
}
