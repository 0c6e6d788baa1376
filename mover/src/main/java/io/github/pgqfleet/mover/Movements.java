package io.github.pgqfleet.mover;

/** Is told of each batch that has been moved. */
@FunctionalInterface
interface Movements {

  /**
   * A batch has been delivered, committed and counted once.
   *
   * @param events how many events it had; many have none
   */
  void moved(long events);
}
