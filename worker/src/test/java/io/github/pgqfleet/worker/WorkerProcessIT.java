package io.github.pgqfleet.worker;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgqfleet.fixture.Await;
import io.github.pgqfleet.fixture.PgqServerExtension;
import io.github.pgqfleet.fixture.TestDatabase;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** {@code worker.jar} as a process that starts and ends. */
@ExtendWith(PgqServerExtension.class)
class WorkerProcessIT {

  private final TestDatabase database;
  private final WorkerFleet fleet;
  private final Path conf;

  WorkerProcessIT(TestDatabase database, @TempDir Path directory) throws IOException {
    this.database = database;
    this.fleet = new WorkerFleet(database, directory);
    this.conf =
        fleet.conf(
            WorkerFleet.QUICK + "queues { orders { handler { type = sql, function = f } } }");
    fleet.provision(conf);
  }

  @AfterEach
  void stopsWorkers() throws InterruptedException {
    fleet.stopAll();
  }

  @Test
  void leavesTheGroupAndExitsWith0OnSigterm() throws Exception {
    var worker = fleet.startProcess(conf);
    Await.until("registration", WorkerFleet.SOON, () -> fleet.members().size() == 2);

    worker.terminate();

    assertThat(worker.exitCode(WorkerFleet.SOON)).isZero();
    assertThat(fleet.members()).containsExactly("workers");
  }

  @Test
  void keepsTheSameNamesOverRestarts() throws Exception {
    for (int i = 0; i < 3; i++) {
      var worker = fleet.startProcess(conf);
      Await.until("registration", WorkerFleet.SOON, () -> fleet.members().size() == 2);
      worker.kill9();
    }

    assertThat(database.strings("select co_name from pgq.consumer order by 1"))
        .containsExactly("workers", "workers.test_1");
  }
}
