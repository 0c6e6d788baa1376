package io.github.pgqfleet.mover;

import io.github.pgqfleet.lifecycle.Service;
import io.github.pgqfleet.sql.Database;

/** What becomes of the queues of a source database that this mover leads. Thread-safe. */
interface LedQueues {

  /**
   * Makes the mover of a queue.
   *
   * @param wakeup wakes it when there may be a new batch
   */
  Service moverOf(SourceQueue queue, Wakeup wakeup);

  /** A poll has looked at a queue of a database. */
  void looked(Database database, String queue, SourceLook look);

  /** The movers of a database have stopped, and no connection to it is needed any more. */
  void left(Database database);
}
