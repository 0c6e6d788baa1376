package io.github.pgqfleet.mover;

import static io.github.pgqfleet.mover.TestFleet.QUEUE;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgqfleet.fixture.Await;
import io.github.pgqfleet.fixture.PgqServer;
import io.github.pgqfleet.fixture.PgqServerExtension;
import io.github.pgqfleet.fixture.TestDatabase;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** A delivered batch that is left open, to be finished together with opening the next. */
@ExtendWith(PgqServerExtension.class)
class FinishDelayIT {

  private TestDatabase source;
  private TestFleet fleet;

  @BeforeEach
  void databases(PgqServer server, @TempDir Path directory) {
    source = server.newDatabase();
    fleet = new TestFleet(directory, server.newDatabase(), source);
  }

  @Test
  void stopsAtOnceWhileADeliveredBatchWaitsForTheNext() throws Exception {
    try (var _ = RunningMover.of(fleet, "finish-delay = 1m")) {
      fleet.awaitPosition(source);
      source.insertEvent(QUEUE, "t", "a");
      source.tick(QUEUE);
      assertThat(fleet.awaitArrival(1)).containsExactly("a");
      assertThat(openBatches()).isEqualTo(1);
    }
    assertThat(openBatches()).isZero();
  }

  @Test
  void finishesTheBatchOfAnIdleTickWhenTheNextIsOpened() throws Exception {
    TestFleet.makeEager(source, QUEUE);
    try (var _ = RunningMover.of(fleet, "idle-finish-delay = 1m")) {
      fleet.awaitPosition(source);
      awaitMovedTo(tick());
      awaitMovedTo(tick());
      // The first batch could not stay open for that; the second does.
      assertThat(openBatches()).isEqualTo(1);
    }
    assertThat(openBatches()).isZero();
  }

  @Test
  void finishesABatchTogetherWithOpeningAnotherQueues() throws Exception {
    fleet.addQueue("other");
    try (var _ = RunningMover.of(fleet, "finish-delay = 1m")) {
      Await.until(
          "both registrations",
          TestFleet.PATIENCE,
          () -> source.number("select count(*) from pgq.subscription") == 2);
      source.insertEvent(QUEUE, "t", "a");
      source.tick(QUEUE);
      assertThat(fleet.awaitArrival(1)).containsExactly("a");
      assertThat(queuesWithOpenBatch()).isEqualTo(QUEUE);
      source.insertEvent("other", "t", "b");
      source.tick("other");
      Await.until(
          "the other queue's batch alone to be open",
          TestFleet.PATIENCE,
          () -> queuesWithOpenBatch().equals("other"));
    }
  }

  /** The newest tick, after an idle one. */
  private long tick() {
    TestFleet.tickUnforced(source, QUEUE);
    return source.number("select max(tick_id) from pgq.tick");
  }

  private void awaitMovedTo(long tick) {
    Await.until(
        "the position at tick " + tick,
        TestFleet.PATIENCE,
        () -> fleet.position(source).equals("active " + tick));
  }

  private String queuesWithOpenBatch() {
    return source.string(
        "select coalesce(string_agg(queue_name, ' '), '') from pgq.subscription"
            + " join pgq.queue on queue_id = sub_queue where sub_batch is not null");
  }

  private long openBatches() {
    return source.number("select count(*) from pgq.subscription where sub_batch is not null");
  }
}
