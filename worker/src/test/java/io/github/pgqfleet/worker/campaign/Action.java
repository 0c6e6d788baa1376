package io.github.pgqfleet.worker.campaign;

/** What is done to a worker that is held at a step. */
enum Action {
  /** {@code kill -9}, and a new start. */
  KILL,
  /** The connection of the step is cut: the request, or its answer, is lost. */
  CUT,
  /** All of the worker's connections are cut. */
  CUT_ALL,
  /** {@code pg_terminate_backend} of its sessions. */
  TERMINATE,
  /** Immediate stop of the server, and a new start. */
  RESTART,
  /**
   * SIGSTOP until all of its batches have been taken over; or, where it keeps the others from that,
   * until one of them waits for it. Then SIGCONT: it goes on as if nothing had happened.
   */
  FREEZE
}
