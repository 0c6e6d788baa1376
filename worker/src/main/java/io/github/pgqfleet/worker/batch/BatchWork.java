package io.github.pgqfleet.worker.batch;

import java.sql.Connection;

/**
 * What is done with the events of a batch, within the transaction that finishes it. Used by one
 * sub-consumer, from one thread.
 */
public interface BatchWork extends AutoCloseable {

  /**
   * Does it; nothing it does through the connection lasts unless the batch is finished.
   *
   * @param connection the transaction's own connection
   * @param eventSql the query of the batch's events, in the order of their ids: {@code
   *     pgq.batch_event_sql}
   * @param delivery what a handler may know of the batch
   * @return how many events were handled
   * @throws Exception when the events could not be handled; the transaction is rolled back
   */
  long handle(Connection connection, String eventSql, BatchDelivery delivery) throws Exception;

  /** Frees what the handler holds. */
  @Override
  default void close() {}
}
