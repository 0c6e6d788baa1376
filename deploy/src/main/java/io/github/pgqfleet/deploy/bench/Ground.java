package io.github.pgqfleet.deploy.bench;

import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;

/**
 * The destination on which all workers start, kept as a copy: the handlers' table and functions,
 * our {@code pgq_coop}, and the group's consumer at the first tick of each queue. Stateless.
 */
final class Ground {

  /** The consumer that the sub-consumers share. */
  static final String CONSUMER = "workers";

  /** The name of the copy. */
  static final String KEPT = "bench_ground";

  private Ground() {}

  /** Makes it and keeps it. */
  static void prepare(Testbed testbed, List<String> queues)
      throws SQLException, InterruptedException {
    testbed.renewDestination();
    Handled.create(testbed.destination(), queues);
    Path directory = BenchDirectory.create();
    var settings = new JarOptions(List.of(), "");
    new OurWorkers(testbed, queues, 1, Handling.SQL::handler, settings, directory).install();
    testbed.keepDestination(KEPT);
  }
}
