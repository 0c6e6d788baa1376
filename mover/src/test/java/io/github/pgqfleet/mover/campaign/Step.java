package io.github.pgqfleet.mover.campaign;

import io.github.pgqfleet.fixture.WireRequest;

/**
 * The steps of moving a batch, in their order, as they are seen on the wire. Where the mover's SQL
 * changes, this changes with it: a step that is not seen any more fails the campaign.
 */
enum Step {
  NEXT_BATCH(true, "pgq.next_batch"),
  /** The events of one batch, with a COPY, or of several at once. */
  READ(true, "txid_visible_in_snapshot"),
  POSITION(false, "update pgq_fleet.position"),
  EVENT_TABLE(false, "pgq.current_event_table"),
  COPY_IN(false, "from stdin"),
  COPY_DATA(false, WireRequest.COPY_DATA),
  COPY_DONE(false, WireRequest.COPY_DONE),
  COMMIT(false, "commit"),
  FINISH_BATCH(true, "pgq.finish_batch");

  private final boolean atSource;
  private final String sql;

  /**
   * @param sql what the statement contains; what it is, where it is only a word
   */
  Step(boolean atSource, String sql) {
    this.atSource = atSource;
    this.sql = sql;
  }

  /** Whether it goes to the source; to the destination otherwise. */
  boolean isAtSource() {
    return atSource;
  }

  boolean isSeenIn(WireRequest request) {
    return this == COMMIT ? request.is(sql) : request.contains(sql);
  }
}
