package io.github.pgqfleet.deploy.bench;

import java.sql.SQLException;
import java.util.List;
import java.util.stream.Stream;

/**
 * A candidate for the whole way, from an application's INSERT to the handler.
 *
 * @param moved the source queues that the application writes into
 * @param rate events a second over all of them
 */
record Chain(Moved moved, double rate, Ticker ticker, Mover mover, Workers workers) {

  /** As it is called in the figures. */
  String name() {
    return workers.name();
  }

  /** Makes what it needs in a destination that is a {@link Ground}, and registers its consumers. */
  void provision() throws SQLException, InterruptedException {
    mover.provision();
    workers.provision();
  }

  /** Starts all of its processes; returns at once. */
  Running start() {
    return new Running(
        Stream.of(ticker.start(), mover.start(), workers.start())
            .map(Running::children)
            .flatMap(List::stream)
            .toList());
  }

  /** Unregisters its consumers. */
  void unregister() throws InterruptedException {
    moved.unregister(mover);
  }
}
