package io.github.pgqfleet.deploy.bench;

import java.sql.SQLException;

/** A candidate for moving the events of source queues into the destination's queues. */
interface Mover {

  /** As it is called in the figures. */
  String name();

  /** The consumer that it registers on a source queue. */
  String consumer(Source source, String queue);

  /**
   * Makes what it needs in a new destination, and registers its consumers, at the last tick of each
   * queue.
   */
  void provision() throws SQLException, InterruptedException;

  /** Starts its process, or processes; returns at once. They move what there is, and go on. */
  Running start();
}
