package io.github.pgqfleet.mover;

import io.github.pgqfleet.lifecycle.Supervisor;
import io.github.pgqfleet.pgq.Batch;
import io.github.pgqfleet.sql.Database;
import io.github.pgqfleet.sql.SqlStates;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Collection;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Delivers batches that are in memory, many in one transaction of the destination: the smallest, of
 * all routes, together, so that a tick of all a database's queues costs one commit; larger ones
 * with others of their route. Where the transaction of all fails, each route goes on in its own,
 * and one in which a queue fails there too stays apart until that queue succeeds, so that the
 * others do not suffer from it again. Thread-safe.
 */
final class SmallBatches {

  private static final Logger log = LoggerFactory.getLogger(SmallBatches.class);

  /** More take longer to copy than to commit, and the routes' transactions run side by side. */
  private static final int FEW_EVENTS = 100;

  private final GroupCommit ofAll;
  private final Map<String, GroupCommit> ofRoutes;

  /** Those that have failed in their route's own transaction and have not succeeded since. */
  private final Set<SourceQueue> failing = ConcurrentHashMap.newKeySet();

  /**
   * @param queues the source queues' names, each of which has a route
   * @param destination lends a connection a route, and one more
   * @param interval between the beginnings of two transactions of a kind
   */
  SmallBatches(Collection<String> queues, Lender destination, Duration interval) {
    this.ofAll = new GroupCommit("commits", destination, interval);
    this.ofRoutes =
        queues.stream()
            .collect(
                Collectors.toMap(
                    Function.identity(),
                    queue -> new GroupCommit("commit " + queue, destination, interval)));
  }

  /** How many connections to the destination it takes. */
  static int connections(MoverConfig config) {
    return config.fleet().queues().size() + 1;
  }

  void start(Supervisor supervisor) {
    supervisor.start(ofAll);
    ofRoutes.values().forEach(supervisor::start);
  }

  /**
   * Delivers a batch together with others, committed when this returns.
   *
   * @param events all of the batch's
   * @return false, with nothing changed, when the position is elsewhere or another has it locked
   * @throws SQLException when the transaction failed; the position tells whether it was committed
   */
  boolean deliver(Batch batch, BatchEvents events) throws SQLException, InterruptedException {
    var name = events.queue().queue();
    if (events.rows().size() <= FEW_EVENTS && !isApart(name)) {
      try {
        return ofAll.deliver(batch, events);
      } catch (SQLException e) {
        if (SqlStates.isConnectionLost(e)) {
          throw e;
        }
        log.debug("queue={} event=shared_transaction_failed", events.queue(), e);
      }
    }
    return apart(name, batch, events);
  }

  private boolean apart(String route, Batch batch, BatchEvents events)
      throws SQLException, InterruptedException {
    try {
      var delivered = Objects.requireNonNull(ofRoutes.get(route)).deliver(batch, events);
      if (failing.remove(events.queue()) && !isApart(route)) {
        log.info("route={} event=together_again", route);
      }
      return delivered;
    } catch (SQLException e) {
      if (!SqlStates.isConnectionLost(e)) {
        if (!isApart(route)) {
          log.warn(
              "route={} event=apart queue={} error=\"{}\" action=\"its batches are delivered in"
                  + " transactions of their own\"",
              route,
              events.queue(),
              e.getMessage());
        }
        failing.add(events.queue());
      }
      throw e;
    }
  }

  private boolean isApart(String route) {
    return failing.stream().anyMatch(queue -> queue.queue().equals(route));
  }

  /** Forgets the queues of a source that are moved no more. */
  void release(Database source) {
    failing.removeIf(queue -> queue.source().equals(source));
  }
}
