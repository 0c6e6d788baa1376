package io.github.pgqfleet.deploy.bench;

import java.sql.SQLException;
import java.util.List;

/**
 * What a number of sub-consumers has to handle, again and again: a destination with a backlog, kept
 * as a copy.
 *
 * @param kept the copy's name
 * @param workers how many sub-consumers there are
 */
record Stage(String kept, int workers, Backlog backlog) {

  /** The queue with the backlog. */
  static final String QUEUE = Testbed.LOADED;

  /**
   * Writes it, on a {@link Ground}.
   *
   * @param each what a sub-consumer has on average
   */
  static Stage write(Testbed testbed, String name, int workers, Backlog.Size each)
      throws SQLException, InterruptedException {
    testbed.renewDestination(Ground.KEPT);
    Backlog.Size size =
        new Backlog.Size(
            workers * each.ticks(),
            workers * each.warmUpTicks(),
            each.batchEvents(),
            each.eventBytes());
    Moved moved = new Moved(List.of(testbed.destination()), List.of(QUEUE));
    Backlog backlog = Backlog.write(moved, size);
    String kept = "bench_" + name + "_" + workers;
    testbed.keepDestination(kept);
    return new Stage(kept, workers, backlog);
  }
}
