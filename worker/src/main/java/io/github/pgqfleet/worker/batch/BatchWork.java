package io.github.pgqfleet.worker.batch;

import io.github.pgqfleet.worker.api.Event;
import java.sql.Connection;
import java.util.List;

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

  /**
   * Does it with some of the events, where the batch as a whole has failed: after a savepoint, to
   * which is rolled back when this fails.
   *
   * @param events in the order of their ids; not empty
   * @throws EventFailedException when it failed at an event that is known
   * @throws Exception when it failed
   */
  void handle(List<Event> events, Connection connection, BatchDelivery delivery) throws Exception;

  /** Frees what the handler holds. */
  @Override
  default void close() {}
}
