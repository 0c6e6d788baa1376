package io.github.pgqfleet.ticker;

import io.github.pgqfleet.lifecycle.ServiceContext;
import io.github.pgqfleet.pgq.Pgq;
import io.github.pgqfleet.sql.Transactions;
import java.sql.Connection;
import java.sql.SQLException;

/**
 * Puts the events whose retry time has come back into their queues, where the next look finds them.
 * As thread-safe as its connection: not.
 */
final class RetryQueue {

  /** Calls in one transaction: a commit for each ten events would cost more than they do. */
  private static final int CALLS_AT_ONCE = 50;

  private final Connection connection;
  private final Pgq pgq;

  RetryQueue(Connection connection) {
    this.connection = connection;
    this.pgq = new Pgq(connection);
  }

  /**
   * Calls {@code pgq.maint_retry_events()}, which moves at most ten events, until it moves none.
   *
   * @return how many events were moved
   */
  int empty(ServiceContext context) throws SQLException {
    var moved = 0;
    int last;
    do {
      last = Transactions.inTransaction(connection, c -> moveSome());
      moved += last;
    } while (last > 0 && !context.stopRequested());
    return moved;
  }

  private int moveSome() throws SQLException {
    var moved = 0;
    for (int i = 0; i < CALLS_AT_ONCE; i++) {
      var events = pgq.maintRetryEvents();
      if (events == 0) {
        break;
      }
      moved += events;
    }
    return moved;
  }
}
