package io.github.pgqfleet.mover;

import io.github.pgqfleet.cli.Progress;
import io.github.pgqfleet.fleet.Sweep;
import io.github.pgqfleet.fleet.Sweep.Outcome;
import io.github.pgqfleet.mover.WayOut.Decision;
import io.github.pgqfleet.sql.Database;
import io.github.pgqfleet.sql.Sessions;
import java.sql.SQLException;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.concurrent.Semaphore;

/** Repositions many queues, several databases at once. Thread-safe. */
final class Repositionings {

  private final MoverConfig config;
  private final Sessions sessions;
  private final WayOut way;
  private final Optional<Goal> goal;
  private final Semaphore destinationTurns;

  Repositionings(MoverConfig config, Sessions sessions, WayOut way, Optional<Goal> goal) {
    this.config = config;
    this.sessions = sessions;
    this.way = way;
    this.goal = goal;
    this.destinationTurns = new Semaphore(config.destinationConnections());
  }

  /**
   * What would be done with a queue.
   *
   * @param stake the events at stake, or why they could not be counted, where it is to be moved
   */
  record Prospect(boolean lost, Decision decision, Optional<Outcome<Stake>> stake) {}

  /** Looks at each queue and counts; changes nothing. */
  SequencedMap<SourceQueue, Outcome<Prospect>> look(Collection<SourceQueue> queues)
      throws InterruptedException {
    return each(queues, (queue, repositioning) -> prospect(repositioning));
  }

  private static Prospect prospect(Repositioning repositioning) throws SQLException {
    var plan = repositioning.plan();
    return new Prospect(
        plan.now().lost(),
        plan.decision(),
        plan.decision() instanceof Decision.Move move
            ? Optional.of(outcome(() -> repositioning.stake(move, plan.now())))
            : Optional.empty());
  }

  /** Does what was decided; one queue that fails does not stop the others. */
  SequencedMap<SourceQueue, Outcome<Decision.Move>> apply(Map<SourceQueue, Decision.Move> moves)
      throws InterruptedException {
    return each(
        moves.keySet(),
        (queue, repositioning) -> {
          var move = Objects.requireNonNull(moves.get(queue));
          repositioning.apply(move);
          return move;
        });
  }

  private interface Task<T> {
    T run(SourceQueue queue, Repositioning repositioning) throws SQLException;
  }

  private <T> SequencedMap<SourceQueue, Outcome<T>> each(
      Collection<SourceQueue> queues, Task<T> task) throws InterruptedException {
    var databases = queues.stream().map(SourceQueue::source).distinct().toList();
    var outcomes = new LinkedHashMap<SourceQueue, Outcome<T>>();
    try (var progress = new Progress(way.command(), databases.size())) {
      Sweep.run(
              databases,
              database -> inDatabase(database, of(database, queues), task),
              progress::step)
          .forEach(
              (database, outcome) -> {
                switch (outcome) {
                  case Outcome.Done<Map<SourceQueue, Outcome<T>>>(var each) ->
                      outcomes.putAll(each);
                  case Outcome.Failed<Map<SourceQueue, Outcome<T>>>(var reason) ->
                      of(database, queues)
                          .forEach(queue -> outcomes.put(queue, new Outcome.Failed<>(reason)));
                }
              });
    }
    return outcomes;
  }

  private static List<SourceQueue> of(Database database, Collection<SourceQueue> queues) {
    return queues.stream().filter(queue -> queue.source().equals(database)).toList();
  }

  private <T> Map<SourceQueue, Outcome<T>> inDatabase(
      Database database, Collection<SourceQueue> queues, Task<T> task)
      throws SQLException, InterruptedException {
    destinationTurns.acquire();
    try (var source = sessions.open(patient(database));
        var destination = sessions.open(patient(config.fleet().destination()))) {
      var outcomes = new LinkedHashMap<SourceQueue, Outcome<T>>();
      for (var queue : queues) {
        var repositioning = new Repositioning(queue, way, goal, source, destination);
        outcomes.put(queue, outcome(() -> task.run(queue, repositioning)));
      }
      return outcomes;
    } finally {
      destinationTurns.release();
    }
  }

  /** Counting a backlog takes about as long as moving it. */
  private Database patient(Database database) {
    return database.with(database.settings().withStatementTimeout(config.batchTimeout()));
  }

  private interface Attempt<T> {
    T run() throws SQLException;
  }

  private static <T> Outcome<T> outcome(Attempt<T> attempt) {
    try {
      return new Outcome.Done<>(attempt.run());
    } catch (SQLException e) {
      return new Outcome.Failed<>(e);
    }
  }
}
