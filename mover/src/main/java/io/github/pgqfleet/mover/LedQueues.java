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

  /** A poll has found a queue of a database so far behind. */
  void lag(Database database, String queue, Lag lag);

  /** The movers of a database have stopped, and no connection to it is needed any more. */
  void left(Database database);
}
