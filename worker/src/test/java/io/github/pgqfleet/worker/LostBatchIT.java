package io.github.pgqfleet.worker;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgqfleet.fixture.Await;
import io.github.pgqfleet.fixture.OnEachServer;
import io.github.pgqfleet.fixture.PgqServerExtension;
import io.github.pgqfleet.fixture.TestDatabase;
import io.github.pgqfleet.worker.coop.PgqCoop;
import io.github.pgqfleet.worker.coop.SubConsumerId;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Long batches, and batches that are lost to another sub-consumer. */
@ExtendWith(PgqServerExtension.class)
@OnEachServer
class LostBatchIT {

  private static final SubConsumerId OTHER = new SubConsumerId("orders", "workers", "other");

  private final TestDatabase database;
  private final WorkerFleet fleet;

  LostBatchIT(TestDatabase database, @TempDir Path directory) {
    this.database = database;
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
  void interruptsTheHandlerOfABatchThatWasTakenOver() throws Exception {
    losesItsBatch("wait", "interrupted");
  }

  @Test
  void endsWhatTheHandlerOfALostBatchDoesInTheDatabase() throws Exception {
    losesItsBatch("query-stubbornly", "cut off");
  }

  private void losesItsBatch(String mode, String ending) throws Exception {
    var worker = startInABatch(mode);
    try (var connection = database.connect()) {
      var other = new PgqCoop(connection);
      long taken = other.nextBatch(OTHER, Duration.ZERO).orElseThrow();

      assertThat(TestHandlers.ENDINGS.poll(20, TimeUnit.SECONDS)).isEqualTo(ending);
      Await.until(
          "the loss to be noticed",
          WorkerFleet.SOON,
          () -> worker.metricsOf("orders").lost().getCount() == 1);
      assertThat(worker.metricsOf("orders").failed().getCount()).isZero();
      assertThat(database.strings("select ev_data from pgq.get_batch_events(?)", taken))
          .containsExactly("1");
      assertThat(other.finishBatch(taken)).isTrue();
    }
    fleet.awaitDrained();
    assertThat(fleet.handled()).isEmpty();
  }

  /** A worker that soon notices a loss, once its handler has got event 1. */
  private WorkerApplication startInABatch(String mode) throws Exception {
    var worker =
        fleet.start("dead-interval = 1h, heartbeat-interval = 50ms, " + WorkerFleet.java(mode, 1));
    fleet.tickWith(1, 1);
    TestHandlers.entered.await();
    return worker;
  }

  @Test
  void cannotCommitALostBatchAlthoughItsHandlerIgnoresTheInterruption() throws Exception {
    startInABatch("wait-stubbornly");
    try (var connection = database.connect()) {
      var other = new PgqCoop(connection);
      long taken = other.nextBatch(OTHER, Duration.ZERO).orElseThrow();
      assertThat(TestHandlers.ENDINGS.poll(20, TimeUnit.SECONDS)).isEqualTo("interrupted");

      TestHandlers.release.countDown();
      // The worker goes on with what comes next, which shows that it is done with the lost batch.
      fleet.tickWith(2, 2);
      fleet.awaitHandled(1);

      assertThat(fleet.handled()).containsExactly("2");
      assertThat(other.finishBatch(taken)).isTrue();
    }
  }

  @Test
  void worksOnABatchThatALateHeartbeatOpened() throws Exception {
    startInABatch("wait");
    try (var connection = database.connect()) {
      connection.setAutoCommit(false);
      var other = new PgqCoop(connection);
      long taken = other.nextBatch(OTHER, Duration.ZERO).orElseThrow();
      fleet.tickWith(2, 2);
      TestHandlers.release = new CountDownLatch(0);
      // Only now does the worker lose its batch, and the heartbeat finds the next one.
      connection.commit();

      fleet.awaitHandled(1);
      assertThat(fleet.handled()).containsExactly("2");
      assertThat(other.finishBatch(taken)).isTrue();
      connection.commit();
    }
    fleet.awaitDrained();
  }

  @Test
  void givesSignsOfLifeWhileABatchIsOpen() throws Exception {
    fleet.start("dead-interval = 400ms, heartbeat-interval = 50ms, " + WorkerFleet.java("wait", 2));
    fleet.tickWith(1, 1);
    TestHandlers.entered.await();

    // Long after the dead interval, with a sibling that would take it over.
    fleet.awaitSignsOfLife();
    TestHandlers.release.countDown();
    fleet.awaitDrained();

    assertThat(TestHandlers.ENDINGS).containsExactly("released");
    assertThat(fleet.handled()).containsExactly("1");
  }

  @Test
  void takesOverTheBatchOfADeadSibling() throws Exception {
    fleet.provision(fleet.conf(WorkerFleet.java("record", 1)));
    fleet.tickWith(1, 3);
    try (var connection = database.connect()) {
      var dead = new SubConsumerId("orders", "workers", "dead_1");
      new PgqCoop(connection).nextBatch(dead).orElseThrow();
    }

    fleet.start(
        "dead-interval = 500ms, heartbeat-interval = 50ms, " + WorkerFleet.java("record", 1));
    fleet.awaitDrained();

    assertThat(fleet.handled()).containsExactly("1", "2", "3");
    assertThat(fleet.members()).containsExactly("workers", "workers.dead_1", "workers.test_1");
  }
}
