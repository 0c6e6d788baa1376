package io.github.pgqfleet.mover.campaign;

import io.github.pgqfleet.fixture.Trap.Moment;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/** What is done, where, and when. Immutable. */
record Fault(Step step, Moment moment, Action action) {

  /** How many faults it takes to do everything at every step, at one of its moments. */
  static final int EACH_ONCE = Step.values().length * Action.values().length;

  /**
   * The faults of a campaign. Depends on nothing but its arguments. The first {@link #EACH_ONCE}
   * have every action at every step, the next ones as well, at the other moment, and so on.
   */
  static List<Fault> plan(long seed, int count) {
    var random = new Random(seed);
    var plan = new ArrayList<Fault>();
    while (plan.size() < count) {
      var round = new ArrayList<Fault>();
      var opposite = new ArrayList<Fault>();
      for (var step : Step.values()) {
        for (var action : Action.values()) {
          var before = new Fault(step, Moment.BEFORE, action);
          var after = new Fault(step, Moment.AFTER, action);
          var firstBefore = random.nextBoolean();
          round.add(possible(firstBefore ? before : after));
          opposite.add(possible(firstBefore ? after : before));
        }
      }
      Collections.shuffle(round, random);
      Collections.shuffle(opposite, random);
      plan.addAll(round);
      plan.addAll(opposite);
    }
    return plan.subList(0, count);
  }

  /** Another mover cannot go past one that is held with the position's lock in its hands. */
  private static Fault possible(Fault fault) {
    return fault.action() == Action.FALL_BEHIND && fault.holdsPosition()
        ? new Fault(fault.step(), fault.moment(), Action.MEET_RIVAL)
        : fault;
  }

  /** Whether the mover has a transaction open on the destination, and a position locked. */
  boolean holdsPosition() {
    return switch (step) {
      case NEXT_BATCH, READ, FINISH_BATCH -> false;
      case POSITION -> moment == Moment.AFTER;
      case EVENT_TABLE, COPY_IN, COPY_DATA, COPY_DONE -> true;
      case COMMIT -> moment == Moment.BEFORE;
    };
  }

  @Override
  public String toString() {
    return action + " " + moment + " " + step;
  }
}
