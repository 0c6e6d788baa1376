package io.github.pgqfleet.worker.campaign;

import io.github.pgqfleet.fixture.Trap.Moment;
import io.github.pgqfleet.fixture.WireRequest;

/**
 * The steps of processing a batch, in their order, as they are seen on the wire. Where the worker's
 * SQL changes, this changes with it: a step that is not seen any more fails the campaign.
 */
enum Step {
  /** With a dead interval. */
  NEXT_BATCH("make_interval"),
  BEGIN("pgq.batch_event_sql"),
  HANDLE("campaign_"),
  SEARCH("savepoint pgq_fleet_events"),
  FAIL("pgq_fleet.fail_events"),
  /** Of the transaction, or of a heartbeat. */
  CHECK("pgq_coop.next_batch("),
  FINISH("pgq_coop.finish_batch"),
  COMMIT("commit");

  private final String sql;

  /**
   * @param sql what the statement contains; what it is, for the commit
   */
  Step(String sql) {
    this.sql = sql;
  }

  boolean isSeenIn(WireRequest request) {
    return switch (this) {
      case COMMIT -> request.is(sql);
      case NEXT_BATCH -> request.contains(CHECK.sql) && request.contains(sql);
      case CHECK -> request.contains(sql) && !request.contains(NEXT_BATCH.sql);
      default -> request.contains(sql);
    };
  }

  /** Whether a worker that is held there keeps the others from the group's batches. */
  boolean locksTheGroup(Moment moment) {
    return switch (this) {
      case NEXT_BATCH, BEGIN, HANDLE, SEARCH, FAIL -> false;
      case CHECK -> moment == Moment.AFTER;
      case FINISH -> true;
      case COMMIT -> moment == Moment.BEFORE;
    };
  }
}
