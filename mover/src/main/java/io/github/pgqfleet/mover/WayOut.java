package io.github.pgqfleet.mover;

import io.github.pgqfleet.pgq.Tick;
import java.util.Locale;
import java.util.Optional;

/** The two ways out of a lost position, and where each leads. Pure; the promises are these. */
enum WayOut {

  /** Back to what both sides know: nothing is lost, events may come twice. */
  REWIND,

  /** Forward: nothing comes twice, the events in between are not delivered. */
  SKIP;

  /** What is to be done with one queue. */
  sealed interface Decision {

    /** Nothing. */
    record Leave(String why) implements Decision {}

    /** Nothing, though it was asked for. */
    record Refuse(String why) implements Decision {}

    /**
     * Position and consumer are set to a tick.
     *
     * @param after the events at stake are those after this tick,
     * @param upTo and up to this one
     * @param caution what cannot be helped
     */
    record Move(Tick target, Tick after, Tick upTo, Optional<String> caution) implements Decision {}
  }

  /** The command's name. */
  String command() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * Decides on one queue.
   *
   * @param onlyLost whether a queue that is not lost is to be left as it is
   * @param asked the tick to go to, when the operator has named one
   */
  Decision decide(Standpoint now, boolean onlyLost, Optional<Tick> asked) {
    if (onlyLost && !now.lost()) {
      return new Decision.Leave(
          now.position().isEmpty()
              ? "is not registered yet, which `mover run` does"
              : "is not lost, left as it is");
    }
    var common = now.common();
    return switch (this) {
      case REWIND -> {
        var target = asked.orElse(common);
        yield target.id() > common.id()
            ? new Decision.Refuse(
                "tick %s is not back but forward of tick %s: see `mover skip --to`"
                    .formatted(target, common))
            : new Decision.Move(target, target, now.newest(), gap(now));
      }
      case SKIP -> {
        var target = asked.orElse(now.newest());
        yield target.id() < common.id()
            ? new Decision.Refuse(
                "tick %s is not forward but back of tick %s: see `mover rewind --to`"
                    .formatted(target, common))
            : new Decision.Move(target, common, target, gap(now));
      }
    };
  }

  private static Optional<String> gap(Standpoint now) {
    return now.rotatedAway()
        ? now.delivered()
            .map(
                tick ->
                    "rotation has removed the events between tick %s, which the destination has, and tick %s"
                        .formatted(tick, now.oldest()))
        : Optional.empty();
  }
}
