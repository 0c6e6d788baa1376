package io.github.pgqfleet.mover.campaign;

import io.github.pgqfleet.fixture.Trap.Moment;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/** What is done, where, and when. Immutable. */
record Fault(Step step, Moment moment, Action action) {

  /** How many different ones there are. */
  static final int KINDS = all().size();

  /**
   * The faults of a campaign. Depends on nothing but its arguments; each {@link #KINDS} in a row
   * have every one of them.
   */
  static List<Fault> plan(long seed, int count) {
    var random = new Random(seed);
    var plan = new ArrayList<Fault>();
    while (plan.size() < count) {
      var round = all();
      Collections.shuffle(round, random);
      plan.addAll(round);
    }
    return plan.subList(0, count);
  }

  private static List<Fault> all() {
    var all = new ArrayList<Fault>();
    for (var step : Step.values()) {
      for (var moment : Moment.values()) {
        for (var action : Action.values()) {
          var fault = new Fault(step, moment, action);
          if (fault.isPossible()) {
            all.add(fault);
          }
        }
      }
    }
    return all;
  }

  /** Another mover cannot go past one that is held with the position's lock in its hands. */
  private boolean isPossible() {
    return action != Action.FALL_BEHIND || !holdsPosition();
  }

  private boolean holdsPosition() {
    return switch (step) {
      case NEXT_BATCH, COPY_OUT, FINISH_BATCH -> false;
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
