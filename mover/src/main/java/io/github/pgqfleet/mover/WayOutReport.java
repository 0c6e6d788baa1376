package io.github.pgqfleet.mover;

import io.github.pgqfleet.fleet.Sweep.Outcome;
import io.github.pgqfleet.mover.Repositionings.Prospect;
import io.github.pgqfleet.mover.WayOut.Decision;
import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;

/** Prints what was found and done, a line a queue, and keeps the sums. Not thread-safe. */
final class WayOutReport {

  private final WayOut way;
  private final PrintWriter out;
  private int queues;
  private int lost;
  private int moved;
  private int failed;
  private long events;
  private long deliveredBefore;

  WayOutReport(WayOut way, PrintWriter out) {
    this.way = way;
    this.out = out;
  }

  /** Something could not be looked at or done. */
  void failed(String place, Exception reason) {
    failed++;
    var text = String.valueOf(reason.getMessage());
    out.println(text.contains(place) ? text : place + ": " + text);
  }

  /**
   * Prints what would be done.
   *
   * @param counts whether a queue whose events cannot be counted has failed
   * @return what is to be done, now that it is printed
   */
  SequencedMap<SourceQueue, Decision.Move> prospects(
      Map<SourceQueue, Outcome<Prospect>> prospects, boolean counts) {
    var moves = new LinkedHashMap<SourceQueue, Decision.Move>();
    prospects.forEach(
        (queue, outcome) -> {
          queues++;
          switch (outcome) {
            case Outcome.Failed<Prospect>(var reason) -> failed(queue.id(), reason);
            case Outcome.Done<Prospect>(var prospect) -> {
              lost += prospect.lost() ? 1 : 0;
              if (print(queue, prospect, counts) instanceof Decision.Move move) {
                moves.put(queue, move);
              }
            }
          }
        });
    return moves;
  }

  private Decision print(SourceQueue queue, Prospect prospect, boolean counts) {
    switch (prospect.decision()) {
      case Decision.Leave(var why) -> out.println(queue + ": " + why);
      case Decision.Refuse(var why) -> {
        failed++;
        out.println(queue + ": " + why);
      }
      case Decision.Move move -> {
        out.println(
            "%s: %s to tick %s, %s"
                .formatted(
                    queue,
                    way.command(),
                    move.target(),
                    prospect.stake().map(stake -> describe(stake, counts)).orElse("")));
        move.caution().ifPresent(c -> out.println(queue + ": caution: " + c));
      }
    }
    return prospect.decision();
  }

  private String describe(Outcome<Stake> counted, boolean counts) {
    return switch (counted) {
      case Outcome.Failed<Stake>(var reason) -> {
        failed += counts ? 1 : 0;
        yield "events=unknown, they could not be counted: " + reason.getMessage();
      }
      case Outcome.Done<Stake>(var stake) -> {
        events += stake.events();
        deliveredBefore += stake.deliveredBefore();
        yield "events=%d delivered_before=%d%s"
            .formatted(
                stake.events(),
                stake.deliveredBefore(),
                stake
                    .written()
                    .map(s -> " written=%s..%s".formatted(s.first(), s.last()))
                    .orElse(""));
      }
    };
  }

  /** Prints what has been done. */
  void moves(Map<SourceQueue, Outcome<Decision.Move>> moves) {
    moves.forEach(
        (queue, outcome) -> {
          switch (outcome) {
            case Outcome.Failed<Decision.Move>(var reason) -> failed(queue.id(), reason);
            case Outcome.Done<Decision.Move>(var move) -> {
              moved++;
              out.println(queue + ": is at tick " + move.target() + " now");
            }
          }
        });
  }

  /** Prints the sums; the exit code is 0 when nothing failed, else 1. */
  int summary(boolean dryRun) {
    out.println(
        "%s: queues=%d lost=%d moved=%d events=%d delivered_before=%d failed=%d%s"
            .formatted(
                way.command(),
                queues,
                lost,
                moved,
                events,
                deliveredBefore,
                failed,
                dryRun ? " (dry run, nothing was changed)" : ""));
    out.flush();
    return failed == 0 ? 0 : 1;
  }
}
