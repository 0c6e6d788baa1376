package io.github.pgqfleet.ticker;

import io.github.pgqfleet.cli.PgqChecks;
import io.github.pgqfleet.lifecycle.ServiceContext;
import io.github.pgqfleet.pgq.Pgq;
import io.github.pgqfleet.sql.Database;
import io.github.pgqfleet.sql.Sessions;
import io.github.pgqfleet.ticker.TickLook.Seen;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Set;

/**
 * The one session that may lead and tick a database. Not thread-safe. Closing it ends the
 * leadership.
 */
final class TickingSession implements AutoCloseable {

  private final Connection connection;
  private final Database database;
  private final Leadership leadership;
  private final TickLook look;
  private final QueueTicks ticks;
  private final Straddlers straddlers;
  private final SuspectQueues suspects;
  private final FailureLog failures;
  private final Set<String> triedSequences = new HashSet<>();
  private boolean begun;

  private TickingSession(
      Connection connection,
      Database database,
      boolean notify,
      SuspectQueues suspects,
      FailureLog failures,
      TickerMetrics metrics)
      throws SQLException {
    this.connection = connection;
    this.database = database;
    this.suspects = suspects;
    this.failures = failures;
    this.leadership = new Leadership(connection);
    this.look = new TickLook(connection);
    this.straddlers = new Straddlers(connection);
    this.ticks =
        new QueueTicks(database, new TickCall(connection), notify, suspects, failures, metrics);
  }

  /**
   * Opens a session.
   *
   * @param suspects the database's queues that failed in an earlier session
   * @throws SQLException when the database cannot be reached, or has no PgQ or one that is too old
   */
  static TickingSession open(
      Sessions sessions,
      Database database,
      boolean notify,
      SuspectQueues suspects,
      FailureLog failures,
      TickerMetrics metrics)
      throws SQLException {
    var connection = sessions.open(database);
    try {
      for (var finding : PgqChecks.versions(connection)) {
        throw new SQLException(database + ": " + finding);
      }
      return new TickingSession(connection, database, notify, suspects, failures, metrics);
    } catch (SQLException e) {
      try (connection) {
        throw e;
      }
    }
  }

  Leadership leadership() {
    return leadership;
  }

  /**
   * Looks at all queues, and ticks those that are due. Only for the leader.
   *
   * @return how many ticks were made
   * @throws SQLException when the session is lost or no queue can be looked at
   */
  int tickDueQueues() throws SQLException {
    followStraddlers();
    var tried = new HashSet<>(suspects.all());
    var resting = suspects.resting();
    tried.removeAll(resting);
    var due = new LinkedHashMap<String, Seen>();
    for (var queue : look(resting)) {
      if (queue.unusedSequence().isPresent()) {
        useUp(queue.unusedSequence().get());
      }
      if (queue.due()) {
        due.put(queue.queue(), queue);
      }
    }
    // One that was due stays so until it is ticked: these are paused, dropped or somebody else's.
    tried.removeAll(due.keySet());
    tried.removeAll(suspects.resting());
    tried.forEach(suspects::cleared);
    var ticked = ticks.tick(List.copyOf(due.keySet()));
    for (var tick : ticked) {
      var seen = due.get(tick.queue());
      var moved = seen == null || tick.eventId() > seen.eventId();
      straddlers.ticked(tick.queue(), tick.holders(), moved);
    }
    return ticked.size();
  }

  /** What goes wrong here costs no tick; the events wait for the idle tick then. */
  private void followStraddlers() throws SQLException {
    var part = "straddlers " + database;
    try {
      if (!begun) {
        straddlers.begin(new Pgq(connection).queues());
        begun = true;
      }
      straddlers.followUp();
      failures.succeeded(database, part);
    } catch (SQLException e) {
      QueueTicks.rethrowIfLost(e);
      failures.failed(database, part, e);
    }
  }

  /** Whether PgQ lists any maintenance; when it cannot tell, the one who tries will say why. */
  boolean maintenanceIsDue(boolean vacuum) throws SQLException {
    return isTrueOrFails(
        "select exists (select from pgq.maint_operations()"
            + (vacuum ? ")" : " where func_name <> 'vacuum')"));
  }

  /** Whether the retry time of any event has come. */
  boolean retriesAreDue() throws SQLException {
    return isTrueOrFails(RetryQueue.IS_DUE);
  }

  /** Puts events whose retry time has come back into their queues; returns how many. */
  int emptyRetryQueue(ServiceContext context) throws SQLException {
    return retriesAreDue() ? new RetryQueue(connection).empty(context) : 0;
  }

  private List<Seen> look(Set<String> resting) throws SQLException {
    try {
      return look.atAllBut(resting);
    } catch (SQLException e) {
      QueueTicks.rethrowIfLost(e);
      return lookAtEach(resting, e);
    }
  }

  private List<Seen> lookAtEach(Set<String> resting, SQLException reason) throws SQLException {
    var seen = new ArrayList<Seen>();
    var looks = 0;
    for (var queue : new Pgq(connection).queues()) {
      if (!resting.contains(queue)) {
        try {
          seen.addAll(look.at(queue));
          looks++;
        } catch (SQLException e) {
          QueueTicks.rethrowIfLost(e);
          suspects.failed(queue, e);
        }
      }
    }
    if (looks == 0 && resting.isEmpty()) {
      throw reason;
    }
    return seen;
  }

  /**
   * Takes a number from a sequence that gave at most one, so that PgQ sees the next. An event that
   * took the first number at the same time is seen by this.
   */
  private void useUp(String sequence) throws SQLException {
    if (triedSequences.contains(sequence)) {
      return;
    }
    try (var statement = connection.prepareStatement("select nextval(?::regclass)")) {
      statement.setString(1, sequence);
      statement.execute();
      failures.succeeded(database, sequencePart(sequence));
    } catch (SQLException e) {
      QueueTicks.rethrowIfLost(e);
      // Its first event waits for the idle tick then; no reason to try each period.
      triedSequences.add(sequence);
      failures.failed(database, sequencePart(sequence), e);
    }
  }

  private String sequencePart(String sequence) {
    return "sequence " + database + "/" + sequence;
  }

  private boolean isTrueOrFails(String sql) throws SQLException {
    try (var statement = connection.prepareStatement(sql);
        var row = statement.executeQuery()) {
      return row.next() && row.getBoolean(1);
    } catch (SQLException e) {
      QueueTicks.rethrowIfLost(e);
      return true;
    }
  }

  @Override
  public void close() throws SQLException {
    connection.close();
  }
}
