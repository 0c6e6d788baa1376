package io.github.pgqfleet.mover.campaign;

/** What is done to a mover that is held at a step. */
enum Action {
  /** {@code kill -9}, and a new start. */
  KILL,
  /** The connection of the step is cut: the request, or its answer, is lost. */
  CUT,
  /** All of the mover's connections are cut. */
  CUT_ALL,
  /** {@code pg_terminate_backend} of its sessions on the source. */
  TERMINATE_ON_SOURCE,
  TERMINATE_ON_DESTINATION,
  /** Immediate stop of the source's cluster, and a new start. */
  RESTART_SOURCE,
  RESTART_DESTINATION,
  /**
   * SIGSTOP; the sessions that hold its locks on the sources are ended, and the other mover takes
   * over; SIGCONT once that one asks for its first batch: both are at work on the same queues.
   */
  MEET_RIVAL,
  /** The same, but SIGCONT only when the other mover has moved all of these queues on. */
  FALL_BEHIND,
  /** Nothing but a delay, in which the destination's queues are rotated. */
  WAIT_FOR_ROTATION
}
