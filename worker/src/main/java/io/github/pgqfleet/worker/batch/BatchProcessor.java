package io.github.pgqfleet.worker.batch;

import java.sql.SQLException;
import java.time.Duration;

/** One sub-consumer's way of processing batches. Used from one thread, but for {@link #abort}. */
public interface BatchProcessor extends AutoCloseable {

  /**
   * Asks for a batch and works on it.
   *
   * @throws BatchFailedException when the handler failed; the batch stays open
   * @throws SQLException on trouble with the database; nothing is known but what is read again
   * @throws InterruptedException when the thread was interrupted; the batch stays open
   */
  Outcome runOnce() throws SQLException, BatchFailedException, InterruptedException;

  /** How long from now {@link #runOnce} should not be called; zero when there is no reason. */
  default Duration pause() {
    return Duration.ZERO;
  }

  /**
   * Cuts the connection of the batch under way, and of any later one, so that a thread that waits
   * for its answer goes on; the batch stays open. Does nothing where the thread is a virtual one,
   * which an interruption frees. From any thread; may wait for the server.
   */
  default void abort() {}

  /** Frees what the handler holds. */
  @Override
  default void close() {}
}
