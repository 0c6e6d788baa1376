package io.github.pgqfleet.mover.campaign;

import io.github.pgqfleet.fixture.WireRequest;
import java.util.function.Predicate;

/**
 * The steps of moving a batch, in their order, as they are seen on the wire. Where the mover's SQL
 * changes, this changes with it: a step that is not seen any more fails the campaign.
 */
enum Step {
  NEXT_BATCH(true, r -> r.contains("pgq.next_batch")),
  COPY_OUT(true, r -> r.contains("to stdout")),
  POSITION(false, r -> r.contains("update pgq_fleet.position")),
  EVENT_TABLE(false, r -> r.contains("pgq.current_event_table")),
  COPY_IN(false, r -> r.contains("from stdin")),
  COPY_DATA(false, r -> r.contains(WireRequest.COPY_DATA)),
  COPY_DONE(false, r -> r.contains(WireRequest.COPY_DONE)),
  COMMIT(false, r -> r.is("commit")),
  FINISH_BATCH(true, r -> r.contains("pgq.finish_batch"));

  private final boolean atSource;
  private final Predicate<WireRequest> seen;

  Step(boolean atSource, Predicate<WireRequest> seen) {
    this.atSource = atSource;
    this.seen = seen;
  }

  /** Whether it goes to the source; to the destination otherwise. */
  boolean isAtSource() {
    return atSource;
  }

  boolean isSeenIn(WireRequest request) {
    return seen.test(request);
  }
}
