package io.github.pgqfleet.mover;

import io.github.pgqfleet.mover.WayOut.Decision;
import io.github.pgqfleet.pgq.Pgq;
import io.github.pgqfleet.pgq.Tick;
import io.github.pgqfleet.pgq.Ticks;
import io.github.pgqfleet.sql.Transactions;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Sets one queue's position and consumer to one tick, as an operator has decided. Movers may run
 * meanwhile. Not thread-safe.
 *
 * <p>Two databases cannot commit at once, so the order makes every end that a crash may leave
 * harmless, and a second run finish it:
 *
 * <ol>
 *   <li>The destination locks the position, and both sides are looked at again. What was decided
 *       must still be right; no mover can deliver this queue from here on.
 *   <li>The destination sets the position, uncommitted. <i>After a crash:</i> as before.
 *   <li>The source sets the consumer, committed. Source first, since it may refuse, and since a
 *       consumer at the tick keeps rotation from removing what comes after it. <i>After a
 *       crash:</i> the position is still the old one. If that is a tick of the source at or after
 *       the target, the movers take the consumer there ({@link MoveBatch}), and the queue is as it
 *       was before. In all other cases the queue is lost as before, nothing was delivered, and the
 *       same command comes to the same decision: what a lost queue is rewound to depends on the
 *       consumer only where that is at the target now, and what it is skipped to is the newest.
 *       (But a rewind after a skip that ended here begins where the skip went, unless it is told.)
 *   <li>The destination commits, with which it is decided. <i>After a crash, or without an answer
 *       to the commit:</i> as after 3, or all done.
 *   <li>Between 3 and 4 a mover, to which the old position was still in force, may have moved the
 *       consumer back to it. It cannot do so any more. So both sides are looked at once more, and
 *       the consumer is set again if need be. <i>After a crash:</i> the queue is lost with its
 *       position at the target, to which a rewind without a goal leads.
 * </ol>
 */
final class Repositioning {

  private final SourceQueue queue;
  private final WayOut way;
  private final Optional<Goal> goal;
  private final Connection source;
  private final Connection destination;

  /**
   * @param goal where to go; without it only a lost queue is touched
   * @param source a connection in autocommit mode
   * @param destination a connection in autocommit mode
   */
  Repositioning(
      SourceQueue queue,
      WayOut way,
      Optional<Goal> goal,
      Connection source,
      Connection destination) {
    this.queue = queue;
    this.way = way;
    this.goal = goal;
    this.source = source;
    this.destination = destination;
  }

  /** What would be done, and from where. */
  record Plan(Standpoint now, Decision decision) {}

  /** Looks at both sides and decides; changes nothing. */
  Plan plan() throws SQLException {
    var now = look();
    var ticks = new Ticks(source, queue.queue());
    var asked = goal.isPresent() ? goal.get().resolve(ticks, way) : Optional.<Tick>empty();
    if (goal.isPresent() && asked.isEmpty()) {
      return new Plan(
          now,
          new Decision.Refuse(
              "the source has no tick for %s; its oldest is %s, its newest %s"
                  .formatted(goal.get(), now.oldest(), now.newest())));
    }
    return new Plan(now, way.decide(now, goal.isEmpty(), asked));
  }

  /**
   * Counts what a move puts at stake; changes nothing.
   *
   * @param now from where it was decided
   */
  Stake stake(Decision.Move move, Standpoint now) throws SQLException {
    return Stake.count(source, queue, move.after(), move.upTo(), now);
  }

  /**
   * Does what {@link #plan} has decided.
   *
   * @throws SQLException also when it is not right any more; nothing was changed then
   */
  void apply(Decision.Move move) throws SQLException {
    Transactions.inTransaction(
        destination,
        connection -> {
          var positions = new Positions(connection);
          positions.lock(queue);
          confirm(move);
          positions.set(queue, move.target());
          setConsumer(move.target());
          return null;
        });
    var now = look();
    if (now.lost() && now.delivered().equals(Optional.of(move.target()))) {
      setConsumer(move.target());
    }
  }

  private void confirm(Decision.Move move) throws SQLException {
    // A rewind without a goal must come to the same tick again. The newest tick, to which a skip
    // goes, is another one by now.
    var asked =
        goal.isPresent() || way == WayOut.SKIP
            ? new Ticks(source, queue.queue()).withId(move.target().id())
            : Optional.<Tick>empty();
    if (!(way.decide(look(), goal.isEmpty(), asked) instanceof Decision.Move again)
        || !again.target().equals(move.target())) {
      throw new SQLException("it has moved since it was looked at; look again with --dry-run");
    }
  }

  private void setConsumer(Tick tick) throws SQLException {
    new Pgq(source).registerConsumerAt(queue.queue(), queue.consumer(), tick.id());
  }

  private Standpoint look() throws SQLException {
    var ticks = new Ticks(source, queue.queue());
    var oldest =
        ticks
            .oldest()
            .orElseThrow(
                () -> new SQLException("the source has no such queue; run `ticker provision`"));
    // The source before the destination: a mover that goes on meanwhile is then seen ahead.
    var last =
        new Pgq(source)
            .subscription(queue.queue(), queue.consumer())
            .map(s -> s.lastTick())
            .orElse(OptionalLong.empty());
    var consumer = last.isPresent() ? ticks.withId(last.getAsLong()) : Optional.<Tick>empty();
    var positions = new Positions(destination);
    var position = positions.find(queue);
    var fits =
        position.isPresent()
            && position.get() instanceof Position.Active(var tick)
            && ticks.withId(tick.id()).equals(Optional.of(tick));
    return new Standpoint(
        consumer, position, positions.movedAt(queue), fits, oldest, ticks.newest().orElse(oldest));
  }
}
