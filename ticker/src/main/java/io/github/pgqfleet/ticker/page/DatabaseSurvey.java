package io.github.pgqfleet.ticker.page;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGStatement;

/**
 * The surveys of one database: its ticker takes them, with a look or after one and never in place
 * of a tick, and the page shows the latest. The ticker's methods are for one thread; the rest is
 * thread-safe.
 */
public final class DatabaseSurvey {

  /** What selects a survey, for a look that takes it along. */
  public static final String SQL = Survey.SQL;

  /** One that takes longer holds up the ticks. */
  public static final Duration LONGEST = Duration.ofSeconds(1);

  /** The least time between two surveys of a database where something has waited for long. */
  private static final Duration OFTEN = Duration.ofSeconds(2);

  /**
   * The same where nothing has, at the most: as long as it takes an event to become late, so that
   * it is seen soon after.
   */
  private static final Duration SELDOM = Duration.ofSeconds(10);

  /** Longer than it takes from a tick to its consumer where all is well. */
  private static final Duration LONG_WAIT = Duration.ofSeconds(3);

  /** The same where no event has come since, and nothing can have begun to wait. */
  private static final Duration AT_REST = Duration.ofMinutes(5);

  /** By such a part of that time a survey may be later, to follow a look that is made anyway. */
  private static final int PATIENCE = 5;

  /** After a survey that failed or took too long. */
  private static final Duration AFTER_FAILURE = Duration.ofMinutes(1);

  private static final Duration NEVER = Duration.ofDays(1);

  private final Duration seldom;
  private final Audience audience;
  private final InstantSource clock;
  private final Runnable waker;
  private final Runnable news;
  private final Map<String, Rates> rates = new ConcurrentHashMap<>();
  private volatile @Nullable Survey latest;
  private final Map<String, Long> moves = new HashMap<>();
  private Instant next = Instant.MIN;
  private OptionalLong seen = OptionalLong.empty();
  private OptionalLong surveyed = OptionalLong.empty();
  private boolean failing;
  private Instant alongFrom = Instant.MIN;
  private boolean wentAlong;
  private volatile boolean owed;

  /**
   * @param late from which lag on a queue is shown as late
   * @param waker has the database looked at soon
   * @param news runs after each survey that has shown something new
   */
  DatabaseSurvey(
      Duration late, Audience audience, InstantSource clock, Runnable waker, Runnable news) {
    this.seldom = Collections.max(List.of(OFTEN, Collections.min(List.of(late, SELDOM))));
    this.audience = audience;
    this.clock = clock;
    this.waker = waker;
    this.news = news;
  }

  // --- for the ticker ---

  /**
   * Whether the look that is about to be made should take a survey along: a round trip costs more
   * than what it brings. None does after a survey that failed, so that the look does not.
   */
  public boolean isDue() {
    var now = clock.instant();
    return owed
        && !failing
        && audience.isThere()
        && !now.isBefore(next)
        && !now.isBefore(alongFrom);
  }

  /**
   * Whether a survey should follow the look that was just made; not when that took one along.
   *
   * @param eventIds where the look saw the event sequences of the queues that are ticked here, all
   *     together; none when it did not see
   */
  public boolean isDue(OptionalLong eventIds) {
    var hasJustCome = wentAlong;
    wentAlong = false;
    if (hasJustCome || !audience.isThere() || (!isAnythingNew(eventIds) && !isOld())) {
      return false;
    }
    seen = eventIds;
    owed = clock.instant().isBefore(next);
    return !owed;
  }

  private boolean isAnythingNew(OptionalLong eventIds) {
    var known = latest;
    return known == null || known.isAnyOpen() || eventIds.isEmpty() || !eventIds.equals(surveyed);
  }

  private boolean isOld() {
    var known = latest;
    return known == null
        || known.at().isBefore(audience.since())
        || known.at().plus(AT_REST).isBefore(clock.instant());
  }

  /** How long until the survey is due that was not after the last look; a day when none is owed. */
  public Duration untilDue() {
    if (!owed || !audience.isThere()) {
      return NEVER;
    }
    // A look costs more than a survey: where events go on coming, there will be one by itself.
    var until = Duration.between(clock.instant(), next.plus(seldom.dividedBy(PATIENCE)));
    return until.isPositive() ? until : Duration.ofMillis(1);
  }

  /**
   * Takes a survey, after a look.
   *
   * @throws SQLException when there can be none; for a minute none is due then
   */
  public void take(Connection connection) throws SQLException {
    failing = true;
    owed = true;
    next = clock.instant().plus(AFTER_FAILURE);
    var taking = new Taking(clock.instant());
    try (var statement = connection.prepareStatement(SQL)) {
      statement.unwrap(PGStatement.class).setPrepareThreshold(1);
      statement.setQueryTimeout(Math.toIntExact(LONGEST.toSeconds()));
      try (var rows = statement.executeQuery()) {
        while (rows.next()) {
          taking.add(rows, 0);
        }
      }
    }
    took(taking.survey(), seen);
  }

  /** A survey that a look takes along. Unless it is done, none goes with a look for a minute. */
  public Taking begin() {
    alongFrom = clock.instant().plus(AFTER_FAILURE);
    return new Taking(clock.instant());
  }

  /** A survey while it is read. It counts when it is done. */
  public final class Taking {

    private final Instant at;
    private final List<Survey.Queue> queues = new ArrayList<>();

    private Taking(Instant at) {
      this.at = at;
    }

    /**
     * Reads one row of what {@link #SQL} selects.
     *
     * @param before how many columns of others come first
     */
    public void add(ResultSet row, int before) throws SQLException {
      queues.add(Survey.queue(row, before, at));
    }

    /** All rows were read. */
    public void done() {
      alongFrom = Instant.MIN;
      wentAlong = true;
      var survey = survey();
      took(survey, OptionalLong.of(survey.tickedEventIds()));
    }

    private Survey survey() {
      return new Survey(at, queues);
    }
  }

  /**
   * @param eventIds where the event sequences stood when it was taken, or a little before
   */
  private void took(Survey survey, OptionalLong eventIds) {
    var before = latest;
    var waits = survey.hasWaitedSince(survey.at().minus(LONG_WAIT));
    next = survey.at().plus(waits ? OFTEN : seldom);
    failing = false;
    // What was just ticked is no lag yet. Whether it becomes one, nobody else tells.
    owed = survey.isAnyOpen() && !waits;
    surveyed = eventIds;
    if (before != null && !before.at().isBefore(audience.since())) {
      count(before, survey);
    }
    moves.clear();
    latest = survey;
    if (before == null || !before.looksLike(survey)) {
      news.run();
    }
  }

  /** The event sequence of a queue was moved without events. */
  void moved(String queue, long by) {
    moves.merge(queue, by, Long::sum);
  }

  private void count(Survey before, Survey now) {
    // Where nothing was seen for long, it was quiet, and what came came just now.
    var from = now.at().minus(SELDOM.multipliedBy(2));
    var since = before.at().isAfter(from) ? before.at() : from;
    for (var queue : now.queues()) {
      for (var earlier : before.queues()) {
        if (earlier.name().equals(queue.name())) {
          var events = queue.eventId() - earlier.eventId() - moves.getOrDefault(queue.name(), 0L);
          if (events > 0) {
            rates.computeIfAbsent(queue.name(), q -> new Rates()).add(events, since, now.at());
          }
        }
      }
    }
  }

  // --- for the page ---

  void wake() {
    waker.run();
  }

  /** What is known, of queues whose names may have changed since. */
  Optional<Survey> latest() {
    return Optional.ofNullable(latest);
  }

  /**
   * Whether nothing has happened since the latest that would change it, so that whoever waited then
   * has waited on.
   */
  boolean isUpToDate() {
    return !owed;
  }

  List<Survey.Queue> queues() {
    var known = latest;
    return known == null ? List.of() : known.queues();
  }

  /** The rates of its queues, by their names, as far as there were events. */
  Map<String, Rates> rates() {
    return rates;
  }
}
