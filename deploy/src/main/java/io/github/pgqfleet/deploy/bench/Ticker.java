package io.github.pgqfleet.deploy.bench;

import java.time.Duration;

/** A candidate for ticking all databases. */
interface Ticker {

  /** As it is called in the figures. */
  String name();

  /** How often it looks at every database. */
  Duration period();

  /** Starts its process, or processes; returns at once. */
  Running start();
}
