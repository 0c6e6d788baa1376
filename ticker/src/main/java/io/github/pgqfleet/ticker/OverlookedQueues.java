package io.github.pgqfleet.ticker;

import io.github.pgqfleet.sql.Database;
import io.github.pgqfleet.sql.SqlStates;
import io.github.pgqfleet.ticker.TickLook.Seen;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Which queues of a database have {@link OverlookedEvents}. One that cannot be probed costs the
 * others nothing and is named. As thread-safe as its connection: not.
 */
final class OverlookedQueues {

  private final Database database;
  private final OverlookedEvents events;
  private final SuspectQueues suspects;
  private final FailureLog failures;
  private final Set<String> unreadable = new HashSet<>();

  OverlookedQueues(
      Database database, Connection connection, SuspectQueues suspects, FailureLog failures) {
    this.database = database;
    this.events = new OverlookedEvents(connection);
    this.suspects = suspects;
    this.failures = failures;
  }

  /**
   * Those of the queues that a look has seen, by name.
   *
   * @throws SQLException when the session is lost
   */
  Set<String> among(List<Seen> seen) throws SQLException {
    var found = new HashSet<String>();
    for (var queue : seen) {
      var name = queue.queue();
      if (events.mayBeIn(queue) && !unreadable.contains(name) && !suspects.contains(name)) {
        try {
          if (events.areIn(queue)) {
            found.add(name);
          }
          failures.succeeded(database, part(name));
        } catch (SQLException e) {
          QueueTicks.rethrowIfLost(e);
          failed(name, e);
        }
      }
    }
    // One that is no more, or no more ours to tick, has no trouble either.
    failures.succeededExcept(
        database, part(""), seen.stream().map(Seen::queue).map(this::part).toList());
    return found;
  }

  /** A role that may not read the events can tick the queue all the same. */
  private void failed(String queue, SQLException reason) {
    if (SqlStates.INSUFFICIENT_PRIVILEGE.equals(reason.getSQLState())) {
      unreadable.add(queue);
      failures.failed(database, part(queue), reason);
    } else {
      suspects.failed(queue, reason);
    }
  }

  private String part(String queue) {
    return "overlooked events " + database + "/" + queue;
  }
}
