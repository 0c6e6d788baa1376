package io.github.pgqfleet.ticker;

import io.github.pgqfleet.lifecycle.ServiceContext;
import io.github.pgqfleet.pgq.Pgq;
import io.github.pgqfleet.sql.Transactions;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/**
 * Puts the events whose retry time has come back into their queues. As thread-safe as its
 * connection: not.
 */
final class RetryQueue {

  /** Whether there is such an event. */
  static final String IS_DUE =
      "select exists (select from pgq.retry_queue where ev_retry_after <= now())";

  private static final String SEQUENCES =
      """
      select pgq.quote_fqname(queue_event_seq)
        from pgq.queue
       where queue_id in (select ev_queue from pgq.retry_queue where ev_retry_after <= now())\
      """;

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
    var sequences = sequences();
    var moved = 0;
    int last;
    do {
      last = Transactions.inTransaction(connection, c -> moveSome());
      moved += last;
    } while (last > 0 && !context.stopRequested());
    if (moved > 0) {
      // Events keep their number when they are retried, so that PgQ sees no new ones.
      for (var sequence : sequences) {
        useNumber(sequence);
      }
    }
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

  private List<String> sequences() throws SQLException {
    try (var statement = connection.prepareStatement(SEQUENCES);
        var rows = statement.executeQuery()) {
      var sequences = new ArrayList<String>();
      while (rows.next()) {
        sequences.add(rows.getString(1));
      }
      return sequences;
    }
  }

  private void useNumber(String sequence) throws SQLException {
    try (var statement = connection.prepareStatement("select nextval(?::regclass)")) {
      statement.setString(1, sequence);
      statement.execute();
    }
  }
}
