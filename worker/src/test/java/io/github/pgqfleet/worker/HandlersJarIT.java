package io.github.pgqfleet.worker;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgqfleet.fixture.PgqServerExtension;
import io.github.pgqfleet.fixture.TestDatabase;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** {@code worker.jar} with a user's handler in a jar beside it. */
@ExtendWith(PgqServerExtension.class)
class HandlersJarIT {

  private final TestDatabase database;
  private final WorkerFleet fleet;

  HandlersJarIT(TestDatabase database, @TempDir Path directory) {
    this.database = database;
    this.fleet = new WorkerFleet(database, directory);
  }

  @AfterEach
  void stopsWorkers() throws InterruptedException {
    fleet.stopAll();
  }

  @Test
  void handlesABatchMuchLargerThanItsMemoryWithAHandlerFromTheDirectory() throws Exception {
    HandlersJar.write(fleet.handlersDirectory().resolve("test-handlers.jar"), TestHandlers.class);
    var conf =
        fleet.conf(
            "queues { orders { handler { type = java, name = test, settings { mode = count } } }"
                + " }");
    fleet.provision(conf);
    database.execute(
        "select count(pgq.insert_event('orders', 'test', repeat('x', 1500)))"
            + " from generate_series(1, 100000)");
    database.tick("orders");

    fleet.startProcess(conf, "-Xmx48m");
    fleet.awaitHandled(1);

    assertThat(database.strings("select ev_id from handled")).containsExactly("100000");
  }

  @Test
  void letsLibrariesFindTheClassesOfTheJar() throws Exception {
    HandlersJar.write(fleet.handlersDirectory().resolve("test-handlers.jar"), TestHandlers.class);
    var conf =
        fleet.conf(
            "queues { orders { handler { type = java, name = test, settings { mode = load-class } }"
                + " } }");
    fleet.provision(conf);
    fleet.tickWith(1, 2);

    fleet.startProcess(conf);
    fleet.awaitDrained();

    assertThat(fleet.handled()).containsExactly("1", "2");
  }

  @Test
  void namesTheHandlersThatThereAreWhenOneIsUnknown() throws Exception {
    HandlersJar.write(fleet.handlersDirectory().resolve("test-handlers.jar"), TestHandlers.class);
    var conf = fleet.conf("queues { orders { handler { type = java, name = other } } }");

    var worker = fleet.startProcess(conf);

    assertThat(worker.exitCode(WorkerFleet.SOON)).isEqualTo(2);
    assertThat(worker.output())
        .contains("worker.queues.orders.handler.name is \"other\"")
        .contains("[test]");
  }
}
