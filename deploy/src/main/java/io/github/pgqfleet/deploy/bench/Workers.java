package io.github.pgqfleet.deploy.bench;

import java.sql.Connection;
import java.sql.SQLException;

/** A candidate for handling the events of the destination's queues, as one cooperative group. */
interface Workers {

  /** As it is called in the figures. */
  String name();

  /** Registers its sub-consumers, if it does not do so itself, on a {@link Ground}. */
  void provision() throws SQLException;

  /** Starts its process, or processes; returns at once. */
  Running start();

  /** How many sub-consumers are at work by now. */
  long present(Connection destination) throws SQLException;
}
