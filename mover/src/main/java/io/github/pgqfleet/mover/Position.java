package io.github.pgqfleet.mover;

import io.github.pgqfleet.pgq.Tick;

/** What the destination knows of a source queue: a row of {@code pgq_fleet.position}. */
sealed interface Position {

  /** The consumer is being registered; nothing has been delivered. */
  record Registering() implements Position {}

  /**
   * Everything up to a tick has been delivered, and nothing after it.
   *
   * @param tick a tick of the source queue
   */
  record Active(Tick tick) implements Position {}
}
