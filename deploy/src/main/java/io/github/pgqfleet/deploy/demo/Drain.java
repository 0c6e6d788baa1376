package io.github.pgqfleet.deploy.demo;

import io.github.pgqfleet.cli.Progress;
import io.github.pgqfleet.fixture.Await;
import io.github.pgqfleet.fixture.PrivateCluster;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;

/**
 * Waits until nothing is left to be moved from the source databases, and then nothing to be handled
 * in the destination. In this order, since an event leaves a source only when it has arrived.
 * Stateless.
 */
final class Drain {
  private Drain() {}

  /**
   * Returns when all is done.
   *
   * @param check called while waiting; throws when waiting is in vain
   * @throws DemoFailure at the deadline, naming a database that is not empty
   */
  static void await(PrivateCluster cluster, List<String> sources, Duration timeout, Runnable check)
      throws SQLException {
    long deadline = System.nanoTime() + timeout.toNanos();
    try (var progress = new Progress("drain", sources.size() + 1)) {
      for (String database : sources) {
        awaitEmpty(cluster, database, deadline, check);
        progress.step();
      }
      awaitEmpty(cluster, Databases.DESTINATION, deadline, check);
      progress.step();
    } catch (Await.TimeoutError e) {
      throw new DemoFailure("The fleet did not drain within " + timeout, e);
    }
  }

  private static void awaitEmpty(
      PrivateCluster cluster, String database, long deadline, Runnable check) throws SQLException {
    try (var connection = cluster.connect(database)) {
      Await.value(
          "database " + database + " to have no event left",
          Duration.ofNanos(Math.max(0, deadline - System.nanoTime())),
          () -> {
            check.run();
            return Backlog.of(connection);
          },
          left -> left == 0);
    }
  }
}
