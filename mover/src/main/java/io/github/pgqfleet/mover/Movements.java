package io.github.pgqfleet.mover;

import io.github.pgqfleet.pgq.Tick;

/** Is told of each batch that has been moved. */
@FunctionalInterface
interface Movements {

  /**
   * A batch has been delivered, committed and counted once.
   *
   * @param upTo the tick that ends it
   * @param events how many events it had; many have none
   */
  void moved(Tick upTo, long events);
}
