package io.github.pgqfleet.worker;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgqfleet.fixture.Await;
import io.github.pgqfleet.fixture.PgqServerExtension;
import io.github.pgqfleet.fixture.PrivateCluster;
import io.github.pgqfleet.fixture.TestDatabase;
import java.nio.file.Path;
import java.sql.SQLException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** The server goes away under a worker that is in its batch. */
@ExtendWith(PgqServerExtension.class)
class ServerFaultIT {

  private final PrivateCluster cluster;
  private final TestDatabase database;
  private final WorkerFleet fleet;

  ServerFaultIT(PrivateCluster cluster, @TempDir Path directory) throws SQLException {
    this.cluster = cluster;
    this.database = cluster.createPgqDatabase("central");
    this.fleet = new WorkerFleet(database, directory);
  }

  @BeforeEach
  void resetsHandlers() {
    TestHandlers.reset();
  }

  @AfterEach
  void stopsWorkers() throws InterruptedException {
    TestHandlers.release.countDown();
    fleet.stopAll();
  }

  @Test
  void goesOnWithTheSameBatchWhenTheServerIsBack() throws Exception {
    fleet.start(WorkerFleet.java("wait", 2));
    fleet.tickWith(1, 3);
    TestHandlers.entered.await();

    cluster.restartImmediate();
    TestHandlers.release.countDown();
    fleet.awaitHandled(3);
    fleet.tickWith(4, 4);
    fleet.awaitHandled(4);
    fleet.awaitDrained();

    assertThat(fleet.handled()).containsExactly("1", "2", "3", "4");
  }

  @Test
  void handlesABatchOnceWhoseSessionEndsDuringTheCommit() throws Exception {
    database.execute(
        """
        create function pause() returns trigger language plpgsql as $$
        begin perform pg_advisory_xact_lock_shared(42); return new; end $$;
        create constraint trigger pause after insert on handled deferrable initially deferred
        for each row execute function pause()\
        """);
    try (var stopper = new Stopper(database).hold("select pg_advisory_xact_lock(42)")) {
      fleet.start(WorkerFleet.java("record", 1));
      fleet.tickWith(1, 3);
      stopper.awaitStopped();

      database.execute(
          "select pg_terminate_backend(pid) from pg_stat_activity"
              + " where wait_event_type = 'Lock' and query ilike 'commit%'");
      // It reads the state again, finds its batch still open, and works on it anew.
      Await.until(
          "a new session in its commit",
          WorkerFleet.SOON,
          () ->
              database.number(
                      "select count(*) from pg_stat_activity"
                          + " where wait_event_type = 'Lock' and query ilike 'commit%'")
                  == 1);
      stopper.release();
    }
    fleet.awaitDrained();

    assertThat(fleet.handled()).containsExactly("1", "2", "3");
  }
}
