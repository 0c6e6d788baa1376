package io.github.pgqfleet.worker.call;

/** What an answer means for the events that were sent. */
enum Verdict {
  /** They are handled, but for those that the answer names. */
  HANDLED,
  /** It is not about these events: nothing is handled just now, and the batch waits. */
  WAIT,
  /** They have failed, and are tried again later. */
  RETRY,
  /** They have failed for good. */
  DEAD
}
