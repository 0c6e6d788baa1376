package io.github.pgqfleet.worker.campaign;

import io.github.pgqfleet.fixture.Trap.Moment;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/** What is done, where, and when. Immutable. */
record Fault(Step step, Moment moment, Action action) {

  /** How many faults it takes to do everything at every step, before it and after it. */
  static final int EACH_ONCE =
      Step.values().length * Moment.values().length * Action.values().length;

  /**
   * The faults of a campaign. Depends on nothing but its arguments; each {@link #EACH_ONCE} of them
   * are all there are.
   */
  static List<Fault> plan(long seed, int count) {
    var random = new Random(seed);
    var plan = new ArrayList<Fault>();
    while (plan.size() < count) {
      var round = new ArrayList<Fault>();
      for (var step : Step.values()) {
        for (var moment : Moment.values()) {
          for (var action : Action.values()) {
            round.add(new Fault(step, moment, action));
          }
        }
      }
      Collections.shuffle(round, random);
      plan.addAll(round);
    }
    return plan.subList(0, count);
  }

  @Override
  public String toString() {
    return action + " " + moment + " " + step;
  }
}
