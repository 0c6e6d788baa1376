package io.github.pgqfleet.worker.call;

/** What one call is made for. */
enum Per {
  /** Many events of a batch. */
  BATCH,
  /** One event. */
  EVENT
}
