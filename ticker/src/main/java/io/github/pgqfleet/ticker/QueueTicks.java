package io.github.pgqfleet.ticker;

import io.github.pgqfleet.sql.Database;
import io.github.pgqfleet.sql.SqlStates;
import io.github.pgqfleet.ticker.TickLook.Seen;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;

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

  /** A look at all queues that ticks those that are due; see {@link TickLook#tickingDue}. */
  @FunctionalInterface
  interface TickingLook {

    List<Seen> take(boolean notify) throws SQLException;
  }

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
   * @param queues are due, or have overlooked events
   * @param overlooked those of them that have
   * @return how many got a tick
   * @throws SQLException when the session is lost; what is wrong with a queue is its own affair
   */
  int tick(Collection<String> queues, Set<String> overlooked) throws SQLException {
    var healthy = queues.stream().filter(queue -> !suspects.contains(queue)).toList();
    var ticks = healthy.isEmpty() ? 0 : together(healthy, overlooked);
    for (var queue : queues) {
      if (suspects.contains(queue) && !suspects.resting().contains(queue)) {
        ticks += alone(queue, overlooked);
      }
    }
    return ticks;
  }

  /**
   * Looks, and ticks what is due in the same statement, while no queue is known to be bad.
   *
   * @return nothing when any of them failed, or what goes with the look, and so none got a tick
   * @throws SQLException when the session is lost
   */
  Optional<List<Seen>> lookAndTick(TickingLook look) throws SQLException {
    if (!suspects.all().isEmpty()) {
      return Optional.empty();
    }
    var notifies = notifies();
    try {
      var seen = look.take(notifies);
      if (notifies) {
        failures.succeeded(database, notifyPart);
      }
      return Optional.of(seen);
    } catch (SQLException e) {
      rethrowIfLost(e);
      return Optional.empty();
    }
  }

  /**
   * Ticks all queues that are due, without a look.
   *
   * @throws SQLException when the session is lost, or any of them failed, and none got a tick
   */
  int tickAll() throws SQLException {
    return call.tickAll(notifies()).size();
  }

  private int together(List<String> queues, Set<String> overlooked) throws SQLException {
    try {
      var ticks = call(queues, overlooked, notifies());
      if (notifies()) {
        failures.succeeded(database, notifyPart);
      }
      return ticks;
    } catch (SQLException e) {
      rethrowIfLost(e);
    }
    var ticks = 0;
    for (var queue : queues) {
      ticks += alone(queue, overlooked);
    }
    return ticks;
  }

  private int alone(String queue, Set<String> overlooked) throws SQLException {
    SQLException reason;
    try {
      return one(queue, overlooked, notifies());
    } catch (SQLException e) {
      rethrowIfLost(e);
      reason = e;
    }
    if (notifies()) {
      try {
        var ticks = one(queue, overlooked, false);
        // It was not the queue.
        quiet = true;
        quietUntil = System.nanoTime() + QUIET.toNanos();
        metrics.notifyFailed();
        failures.failed(database, notifyPart, reason);
        return ticks;
      } catch (SQLException e) {
        rethrowIfLost(e);
        reason = e;
      }
    }
    suspects.failed(queue, reason);
    return 0;
  }

  private int one(String queue, Set<String> overlooked, boolean notify) throws SQLException {
    var ticks = call(List.of(queue), overlooked, notify);
    suspects.cleared(queue);
    if (notify) {
      failures.succeeded(database, notifyPart);
    }
    return ticks;
  }

  private int call(List<String> queues, Set<String> overlooked, boolean notify)
      throws SQLException {
    return call.tick(queues, queues.stream().filter(overlooked::contains).toList(), notify).size();
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
