package io.github.pgqfleet.ticker;

import io.github.pgqfleet.cli.PgqChecks;
import io.github.pgqfleet.lifecycle.ServiceContext;
import io.github.pgqfleet.pgq.Pgq;
import io.github.pgqfleet.sql.Database;
import io.github.pgqfleet.sql.Sessions;
import io.github.pgqfleet.sql.SqlStates;
import io.github.pgqfleet.ticker.TickLook.Seen;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The one session that may lead and tick a database. Not thread-safe. Closing it ends the
 * leadership.
 */
final class TickingSession implements AutoCloseable {

  private static final Duration NEVER = Duration.ofDays(1);
  private static final long NOT_KNOWN = 0;

  private final Connection connection;
  private final Database database;
  private final Leadership leadership;
  private final TickLook look;
  private final QueueTicks ticks;
  private final SuspectQueues suspects;
  private final FailureLog failures;
  private final Set<String> unreadable = new HashSet<>();
  private boolean looked;

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
    this.ticks =
        new QueueTicks(database, new TickCall(connection), notify, suspects, failures, metrics);
  }

  /**
   * Opens a session.
   *
   * @param suspects the database's queues that failed in an earlier session
   * @throws SQLException when the database cannot be reached
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
      return new TickingSession(connection, database, notify, suspects, failures, metrics);
    } catch (SQLException e) {
      try (connection) {
        throw e;
      }
    }
  }

  /**
   * Says what keeps PgQ from being used here.
   *
   * @throws SQLException when the database has no PgQ, or one that is too old
   */
  void requirePgq() throws SQLException {
    for (var finding : PgqChecks.versions(connection)) {
      throw new SQLException(database + ": " + finding);
    }
  }

  /** The server that the session is on. */
  long systemIdentifier() throws SQLException {
    try {
      return ServerLook.systemIdentifier(connection);
    } catch (SQLException e) {
      QueueTicks.rethrowIfLost(e);
      // Whoever may not know it gets no turns from a pulse, and looks by itself.
      return NOT_KNOWN;
    }
  }

  Leadership leadership() {
    return leadership;
  }

  /**
   * What a pass over all queues has done.
   *
   * @param ticks how many ticks were made
   * @param untilDue when the clock alone makes the next one due
   */
  record Pass(int ticks, Duration untilDue) {}

  /**
   * Looks at all queues, and ticks those that are due. Only for the leader.
   *
   * @throws SQLException when the session is lost or no queue can be looked at
   */
  Pass tickDueQueues() throws SQLException {
    leaveUnprobed();
    var seen = ticks.with(look);
    return seen.isPresent() ? seen(seen.get()) : tickWhereItGoesWell();
  }

  private Pass seen(List<Seen> seen) throws SQLException {
    hasLooked();
    var made = Math.toIntExact(seen.stream().filter(Seen::ticked).count());
    made += ticks.tick(seen.stream().filter(Seen::overlooked).toList());
    return new Pass(made, untilNext(seen));
  }

  /** In more statements, so that a bad queue costs the others nothing and is named. */
  private Pass tickWhereItGoesWell() throws SQLException {
    var tried = new HashSet<>(suspects.all());
    var resting = suspects.resting();
    tried.removeAll(resting);
    var seen = look(resting);
    var wanting = seen.stream().filter(TickingSession::wantsTick).toList();
    // One that was due stays so until it is ticked: these are paused, dropped or somebody else's.
    wanting.forEach(queue -> tried.remove(queue.queue()));
    tried.removeAll(suspects.resting());
    tried.forEach(suspects::cleared);
    var made = ticks.tick(wanting);
    return new Pass(made, untilNext(seen));
  }

  /**
   * Ticks all queues that are due by PgQ's rule, in fewer statements than {@link #tickDueQueues}:
   * for a session that does it but once. Overlooked events wait for the queue's idle tick.
   */
  int tickOnce() throws SQLException {
    try {
      return ticks.tickAll();
    } catch (SQLException e) {
      QueueTicks.rethrowIfLost(e);
      return tickDueQueues().ticks();
    }
  }

  private Duration untilNext(List<Seen> seen) {
    // A tick changes when the next is due, and a queue in trouble has a time of its own.
    return !suspects.all().isEmpty() || seen.stream().anyMatch(TickingSession::wantsTick)
        ? Duration.ZERO
        : untilDue(seen);
  }

  private static boolean wantsTick(Seen seen) {
    return seen.due() || seen.overlooked();
  }

  private static Duration untilDue(List<Seen> seen) {
    return seen.stream().map(Seen::untilDue).min(Duration::compareTo).orElse(NEVER);
  }

  /** What there is to do beside ticks. */
  Chores chores(boolean vacuum) throws SQLException {
    return Chores.find(connection, vacuum);
  }

  /**
   * Leads from now on until it is closed, and says what there is to do beside ticks, in fewer
   * statements than {@link #leadership} and {@link #chores}.
   *
   * @return nothing when another session leads
   */
  Optional<Chores> leadOnce(boolean vacuum) throws SQLException {
    try {
      return Chores.findIfLeading(connection, vacuum);
    } catch (SQLException e) {
      QueueTicks.rethrowIfLost(e);
      return leadership.leads() ? Optional.of(chores(vacuum)) : Optional.empty();
    }
  }

  /** What else there is to see in the database. */
  List<Sighting> watch(long mostEvents) throws SQLException {
    return Sighting.readAll(connection, mostEvents);
  }

  /** Puts events whose retry time has come back into their queues; returns how many. */
  int emptyRetryQueue(ServiceContext context) throws SQLException {
    return new RetryQueue(connection).empty(context);
  }

  private List<Seen> look(Set<String> resting) throws SQLException {
    try {
      var seen = look.atAllBut(resting);
      hasLooked();
      return seen;
    } catch (SQLException e) {
      QueueTicks.rethrowIfLost(e);
      return lookAtEach(resting, e);
    }
  }

  private void hasLooked() {
    if (!looked) {
      // What an earlier session was not allowed to do, this one is.
      failures.succeededExcept(database, overlookedPart(""), List.of());
    }
    looked = true;
  }

  private List<Seen> lookAtEach(Set<String> resting, SQLException reason) throws SQLException {
    var seen = new ArrayList<Seen>();
    var looks = 0;
    for (var queue : new Pgq(connection).queues()) {
      if (!resting.contains(queue)) {
        try {
          seen.addAll(lookAt(queue));
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

  /** A role that may not read the events can tick the queue all the same. */
  private List<Seen> lookAt(String queue) throws SQLException {
    try {
      return look.at(queue);
    } catch (SQLException e) {
      if (!SqlStates.INSUFFICIENT_PRIVILEGE.equals(e.getSQLState())) {
        throw e;
      }
      unreadable.add(queue);
      leaveUnprobed();
      var seen = look.at(queue);
      looked = true;
      failures.failed(database, overlookedPart(queue), e);
      return seen;
    }
  }

  /** A table that cannot be read would spoil the look at all queues. */
  private void leaveUnprobed() throws SQLException {
    var unprobed = new HashSet<>(unreadable);
    unprobed.addAll(suspects.all());
    look.leaveUnprobed(Set.copyOf(unprobed));
  }

  private String overlookedPart(String queue) {
    return "overlooked events " + database + "/" + queue;
  }

  @Override
  public void close() throws SQLException {
    connection.close();
  }
}
