package io.github.pgqfleet.ticker;

import io.github.pgqfleet.sql.Database;
import io.github.pgqfleet.sql.SqlStates;
import io.github.pgqfleet.ticker.TickCall.Ticked;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/**
 * Ticks the due queues of one database: all in one transaction, and when that fails each in its
 * own, so that a bad queue or a full notification queue costs no other queue its tick. As
 * thread-safe as its session: not.
 */
final class QueueTicks {

  /** How long ticks are made without NOTIFY after it has failed. */
  private static final Duration QUIET = Duration.ofSeconds(30);

  private final Database database;
  private final TickCall call;
  private final SuspectQueues suspects;
  private final FailureLog failures;
  private final TickerMetrics metrics;
  private final String notifyPart;
  private final boolean wantsNotify;
  private boolean quiet;
  private long quietUntil;

  QueueTicks(
      Database database,
      TickCall call,
      boolean notify,
      SuspectQueues suspects,
      FailureLog failures,
      TickerMetrics metrics) {
    this.database = database;
    this.call = call;
    this.wantsNotify = notify;
    this.suspects = suspects;
    this.failures = failures;
    this.metrics = metrics;
    this.notifyPart = "notify " + database;
  }

  /**
   * Ticks these queues.
   *
   * @return the queues that got a tick
   * @throws SQLException when the session is lost; what is wrong with a queue is its own affair
   */
  List<Ticked> tick(List<String> due) throws SQLException {
    var ticked = new ArrayList<Ticked>();
    var healthy = due.stream().filter(Predicate.not(suspects::contains)).toList();
    if (!healthy.isEmpty()) {
      ticked.addAll(together(healthy));
    }
    for (var queue : due) {
      if (suspects.contains(queue) && !suspects.resting().contains(queue)) {
        ticked.addAll(alone(queue));
      }
    }
    return ticked;
  }

  private List<Ticked> together(List<String> queues) throws SQLException {
    try {
      return call.tick(queues, notifies());
    } catch (SQLException e) {
      rethrowIfLost(e);
    }
    var ticked = new ArrayList<Ticked>();
    for (var queue : queues) {
      ticked.addAll(alone(queue));
    }
    return ticked;
  }

  private List<Ticked> alone(String queue) throws SQLException {
    SQLException reason;
    try {
      return one(queue, notifies());
    } catch (SQLException e) {
      rethrowIfLost(e);
      reason = e;
    }
    if (notifies()) {
      try {
        var ticked = one(queue, false);
        // It was not the queue.
        quiet = true;
        quietUntil = System.nanoTime() + QUIET.toNanos();
        metrics.notifyFailed();
        failures.failed(database, notifyPart, reason);
        return ticked;
      } catch (SQLException e) {
        rethrowIfLost(e);
        reason = e;
      }
    }
    suspects.failed(queue, reason);
    return List.of();
  }

  private List<Ticked> one(String queue, boolean notify) throws SQLException {
    var ticked = call.tick(List.of(queue), notify);
    suspects.cleared(queue);
    if (notify) {
      failures.succeeded(database, notifyPart);
    }
    return ticked;
  }

  private boolean notifies() {
    if (quiet && System.nanoTime() - quietUntil >= 0) {
      quiet = false;
      failures.succeeded(database, notifyPart);
    }
    return wantsNotify && !quiet;
  }

  static void rethrowIfLost(SQLException e) throws SQLException {
    if (SqlStates.isConnectionLost(e)) {
      throw e;
    }
  }
}
