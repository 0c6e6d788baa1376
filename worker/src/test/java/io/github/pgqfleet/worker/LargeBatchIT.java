package io.github.pgqfleet.worker;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgqfleet.fixture.Await;
import io.github.pgqfleet.fixture.PgqServerExtension;
import io.github.pgqfleet.fixture.TestDatabase;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** What an outage leaves: one batch of millions of events, and a worker with a small heap. */
@ExtendWith(PgqServerExtension.class)
class LargeBatchIT {

  private static final int EVENTS = 5_000_000;

  private final TestDatabase database;
  private final WorkerFleet fleet;

  LargeBatchIT(TestDatabase database, @TempDir Path directory) {
    this.database = database;
    this.fleet = new WorkerFleet(database, directory);
  }

  @AfterEach
  void stopsWorkers() throws InterruptedException {
    fleet.stopAll();
  }

  @Test
  void givesFiveMillionEventsOfABatchToAHandlerInASmallHeap() throws Exception {
    HandlersJar.write(fleet.handlersDirectory().resolve("test-handlers.jar"), TestHandlers.class);
    var conf =
        fleet.conf(
            "queues { orders { handler { type = java, name = test, settings { mode = count } } }"
                + " }");
    fleet.provision(conf);
    // As pgq.insert_event would, but faster.
    database.execute(
        """
        insert into %s (ev_time, ev_type, ev_data)
        select now(), 't', 'event ' || n from generate_series(1, %d) n\
        """
            .formatted(database.string("select pgq.current_event_table('orders')"), EVENTS));
    database.tick("orders");

    fleet.startProcess(conf, "-Xmx64m", "-XX:+ExitOnOutOfMemoryError");
    Await.until(
        "the batch to be handled",
        Duration.ofMinutes(5),
        () -> database.number("select count(*) from handled") == 1);
    fleet.awaitDrained();

    assertThat(database.strings("select ev_id from handled"))
        .isEqualTo(List.of(Integer.toString(EVENTS)));
  }
}
