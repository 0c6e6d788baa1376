package io.github.pgqfleet.ticker;

import io.github.pgqfleet.cli.PgqChecks;
import io.github.pgqfleet.lifecycle.ServiceContext;
import io.github.pgqfleet.pgq.Pgq;
import io.github.pgqfleet.sql.Database;
import io.github.pgqfleet.sql.Sessions;
import io.github.pgqfleet.ticker.TickLook.Seen;
import io.github.pgqfleet.ticker.page.DatabaseSurvey;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.ObjLongConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one session that may lead and tick a database. Not thread-safe. Closing it ends the
 * leadership.
 */
final class TickingSession implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(TickingSession.class);

  private static final Duration NEVER = Duration.ofDays(1);
  private static final long NOT_KNOWN = 0;

  private final Connection connection;
  private final Database database;
  private final Leadership leadership;
  private final TickLook look;
  private final OverlookedQueues overlookedQueues;
  private final QueueTicks ticks;
  private final SuspectQueues suspects;

  private TickingSession(
      Connection connection,
      Database database,
      boolean notify,
      SuspectQueues suspects,
      FailureLog failures,
      TickerMetrics metrics,
      ObjLongConsumer<String> moved)
      throws SQLException {
    this.connection = connection;
    this.database = database;
    this.suspects = suspects;
    this.leadership = new Leadership(connection);
    this.look = new TickLook(connection);
    this.overlookedQueues = new OverlookedQueues(database, connection, suspects, failures);
    this.ticks =
        new QueueTicks(
            database, new TickCall(connection, moved), notify, suspects, failures, metrics);
  }

  /**
   * Opens a session.
   *
   * @param suspects the database's queues that failed in an earlier session
   * @param moved see {@link TickCall}
   * @throws SQLException when the database cannot be reached
   */
  static TickingSession open(
      Sessions sessions,
      Database database,
      boolean notify,
      SuspectQueues suspects,
      FailureLog failures,
      TickerMetrics metrics,
      ObjLongConsumer<String> moved)
      throws SQLException {
    var connection = sessions.open(database);
    try {
      return new TickingSession(connection, database, notify, suspects, failures, metrics, moved);
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
   * @param eventIds where the event sequences stand, all together: another number means new events
   */
  record Pass(int ticks, Duration untilDue, long eventIds) {}

  /**
   * Looks at all queues, and ticks those that are due. Only for the leader.
   *
   * @throws SQLException when the session is lost or no queue can be looked at
   */
  Pass tickDueQueues() throws SQLException {
    return tickDueQueues(look::tickingDue);
  }

  /**
   * The same, and takes a survey along, unless anything fails: then it is left to be taken alone.
   */
  Pass tickDueQueues(DatabaseSurvey survey) throws SQLException {
    return tickDueQueues(notify -> lookAndSurvey(notify, survey));
  }

  private List<Seen> lookAndSurvey(boolean notify, DatabaseSurvey survey) throws SQLException {
    try {
      return look.tickingDue(notify, survey);
    } catch (SQLException e) {
      log.info("database={} event=survey_left reason=\"{}\"", database, FailureLog.oneLine(e));
      throw e;
    }
  }

  private Pass tickDueQueues(QueueTicks.TickingLook ticking) throws SQLException {
    var seen = ticks.lookAndTick(ticking);
    return seen.isPresent() ? withOverlooked(seen.get()) : tickWhereItGoesWell();
  }

  private Pass withOverlooked(List<Seen> seen) throws SQLException {
    var made = Math.toIntExact(seen.stream().filter(Seen::ticked).count());
    var overlooked = overlookedQueues.among(seen);
    made += ticks.tick(overlooked, overlooked);
    return new Pass(made, untilNext(seen, overlooked), eventIds(seen));
  }

  /** In more statements, so that a bad queue costs the others nothing and is named. */
  private Pass tickWhereItGoesWell() throws SQLException {
    var tried = new HashSet<>(suspects.all());
    var resting = suspects.resting();
    tried.removeAll(resting);
    var seen = look(resting);
    var overlooked = overlookedQueues.among(seen);
    var wanting = new TreeSet<>(overlooked);
    seen.stream().filter(Seen::due).map(Seen::queue).forEach(wanting::add);
    // One that was due stays so until it is ticked: these are paused, dropped or somebody else's.
    tried.removeAll(wanting);
    tried.removeAll(suspects.resting());
    tried.forEach(suspects::cleared);
    var made = ticks.tick(wanting, overlooked);
    return new Pass(made, untilNext(seen, overlooked), eventIds(seen));
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

  private static long eventIds(List<Seen> seen) {
    return seen.stream().mapToLong(Seen::eventId).sum();
  }

  private Duration untilNext(List<Seen> seen, Set<String> overlooked) {
    // A queue that still wants a tick is looked at again, and one in trouble has a time of its own.
    return overlooked.isEmpty()
            && suspects.all().isEmpty()
            && seen.stream().allMatch(queue -> queue.ticked() || !queue.due())
        ? seen.stream().map(Seen::untilDue).min(Duration::compareTo).orElse(NEVER)
        : Duration.ZERO;
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

  /** Looks at the queues for the fleet page. */
  void survey(DatabaseSurvey survey) throws SQLException {
    survey.take(connection);
  }

  /** Puts events whose retry time has come back into their queues; returns how many. */
  int emptyRetryQueue(ServiceContext context) throws SQLException {
    return new RetryQueue(connection).empty(context);
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

  @Override
  public void close() throws SQLException {
    connection.close();
  }
}
