package io.github.pgqfleet.ticker;

import io.github.pgqfleet.sql.Database;
import io.github.pgqfleet.sql.SqlStates;
import java.sql.SQLException;
import java.time.Duration;
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
   * @return how many ticks were made
   * @throws SQLException when the session is lost; what is wrong with a queue is its own affair
   */
  int tick(List<String> due) throws SQLException {
    var ticks = 0;
    var healthy = due.stream().filter(Predicate.not(suspects::contains)).toList();
    if (!healthy.isEmpty()) {
      ticks += together(healthy);
    }
    for (var queue : due) {
      if (suspects.contains(queue) && !suspects.resting().contains(queue)) {
        ticks += alone(queue);
      }
    }
    return ticks;
  }

  private int together(List<String> queues) throws SQLException {
    try {
      return call.tick(queues, notifies());
    } catch (SQLException e) {
      rethrowIfLost(e);
    }
    var ticks = 0;
    for (var queue : queues) {
      ticks += alone(queue);
    }
    return ticks;
  }

  private int alone(String queue) throws SQLException {
    SQLException reason;
    try {
      return ticked(queue, notifies());
    } catch (SQLException e) {
      rethrowIfLost(e);
      reason = e;
    }
    if (notifies()) {
      try {
        var ticks = ticked(queue, false);
        // It was not the queue.
        quiet = true;
        quietUntil = System.nanoTime() + QUIET.toNanos();
        metrics.notifyFailed();
        failures.failed(notifyPart, reason);
        return ticks;
      } catch (SQLException e) {
        rethrowIfLost(e);
        reason = e;
      }
    }
    suspects.failed(queue, reason);
    return 0;
  }

  private int ticked(String queue, boolean notify) throws SQLException {
    var ticks = call.tick(List.of(queue), notify);
    suspects.cleared(queue);
    if (notify) {
      failures.succeeded(notifyPart);
    }
    return ticks;
  }

  private boolean notifies() {
    if (quiet && System.nanoTime() - quietUntil >= 0) {
      quiet = false;
      failures.succeeded(notifyPart);
    }
    return wantsNotify && !quiet;
  }

  static void rethrowIfLost(SQLException e) throws SQLException {
    if (SqlStates.isConnectionLost(e)) {
      throw e;
    }
  }
}
