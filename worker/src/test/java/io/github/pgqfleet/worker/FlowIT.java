package io.github.pgqfleet.worker;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgqfleet.cli.FleetCli;
import io.github.pgqfleet.fixture.Await;
import io.github.pgqfleet.fixture.PgqServerExtension;
import io.github.pgqfleet.fixture.TestDatabase;
import io.github.pgqfleet.worker.coop.GroupStatus;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Queues that are paused and resumed, and rate limits. */
@ExtendWith(PgqServerExtension.class)
class FlowIT {

  private final TestDatabase database;
  private final WorkerFleet fleet;

  FlowIT(TestDatabase database, @TempDir Path directory) {
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
  void finishesOpenBatchesOfAPausedQueueAndAsksForNoMore() throws Exception {
    var conf = fleet.conf(WorkerFleet.java("wait", 2));
    fleet.start(WorkerFleet.java("wait", 2));
    fleet.tickWith(1, 2);
    TestHandlers.entered.await();

    assertThat(run("pause", "orders", conf)).isZero();
    awaitLooks();
    TestHandlers.release.countDown();
    fleet.awaitHandled(2);
    fleet.tickWith(3, 3);
    awaitLooks();

    assertThat(fleet.handled()).containsExactly("1", "2");
    assertThat(database.number("select count(sub_batch) from pgq.subscription")).isZero();
    assertThat(status().paused()).isTrue();

    assertThat(run("resume", "orders", conf)).isZero();
    fleet.awaitDrained();
    assertThat(fleet.handled()).containsExactly("1", "2", "3");
    assertThat(status().paused()).isFalse();
  }

  @Test
  void leavesAPausedQueueAloneFromItsStartOn() throws Exception {
    fleet.createQueue("audit");
    var conf = fleet.conf(bothQueues());
    fleet.provision(conf);
    assertThat(run("pause", "orders", conf)).isZero();
    fleet.tickWith(1, 1);
    database.insertEvents("audit", "test", List.of("2"));
    database.tick("audit");

    fleet.start(bothQueues());
    fleet.awaitHandled(1);
    awaitLooks();

    assertThat(fleet.handled()).containsExactly("2");
    assertThat(database.number("select count(sub_batch) from pgq.subscription")).isZero();
  }

  @Test
  void pausesForEachConsumerApart() throws Exception {
    var conf = fleet.conf("consumer = others, " + WorkerFleet.java("record", 1));
    fleet.provision(conf);
    assertThat(run("pause", "orders", conf)).isZero();
    fleet.start(WorkerFleet.java("record", 1));
    fleet.tickWith(1, 3);
    fleet.awaitHandled(3);

    assertThat(fleet.handled()).containsExactly("1", "2", "3");
  }

  @Test
  void worksWhereNothingOfFlowControlIsInstalled() throws Exception {
    var conf = fleet.conf(WorkerFleet.java("record", 1));
    fleet.start(WorkerFleet.java("record", 1));
    database.execute("drop table pgq_fleet.paused_queue; drop function pgq_fleet.flow_revision()");
    fleet.tickWith(1, 3);
    fleet.awaitDrained();

    assertThat(fleet.handled()).containsExactly("1", "2", "3");
    assertThat(run("pause", "orders", conf)).isOne();
    assertThat(run("status", null, conf)).isZero();
  }

  @Test
  void refusesToPauseAQueueThatItDoesNotConsume() throws Exception {
    var conf = fleet.conf(WorkerFleet.java("record", 1));
    fleet.provision(conf);

    assertThat(run("pause", "bills", conf)).isEqualTo(2);
  }

  @Test
  void handlesNoMoreEventsASecondThanAllowed() throws Exception {
    fleet.provision(fleet.conf(WorkerFleet.java("record", 2)));
    for (int i = 0; i < 20; i++) {
      fleet.tickWith(i * 10 + 1, i * 10 + 10);
    }
    var before = Instant.now();
    fleet.start(
        WorkerFleet.java("record", 2)
            .replace("workers =", "max-events-per-second = 50, workers ="));
    fleet.awaitHandled(200);

    assertThat(fleet.handled()).containsExactlyElementsOf(WorkerFleet.numbers(1, 200));
    // 50 at once, and up to 10 of each worker that are paid for afterwards.
    assertThat(Duration.between(before, Instant.now()))
        .isGreaterThanOrEqualTo(Duration.ofMillis(1000 * (200 - 50 - 20) / 50));
  }

  @Test
  void holdsCallsBackWithinABatchWhileItsHeartbeatsGoOn() throws Exception {
    try (var endpoint = TestEndpoint.willing()) {
      var before = Instant.now();
      fleet.start(
          WorkerFleet.QUICK
              + """
              dead-interval = 600ms, heartbeat-interval = 100ms
              queues { orders { workers = 2, max-events-per-second = 20, handler {
                type = http, url = "%s", per = event, events-per-call = 1 } } }\
              """
                  .formatted(endpoint.url()));
      fleet.tickWith(1, 60);
      fleet.awaitDrained();

      assertThat(endpoint.handledData()).containsExactlyElementsOf(WorkerFleet.numbers(1, 60));
      assertThat(Duration.between(before, Instant.now()))
          .isGreaterThanOrEqualTo(Duration.ofMillis(1000 * (60 - 20 - 1) / 20));
    }
  }

  private static String bothQueues() {
    var handler = "{ handler { type = java, name = test } }";
    return WorkerFleet.QUICK + "queues { orders " + handler + ", audit " + handler + " }";
  }

  private static int run(
      String command, @org.jspecify.annotations.Nullable String queue, Path conf) {
    var arguments = new ArrayList<>(List.of(command, "--config", conf.toString()));
    if (queue != null) {
      arguments.add(queue);
    }
    return FleetCli.execute(new WorkerMain(), arguments.toArray(String[]::new));
  }

  private GroupStatus status() throws SQLException {
    try (var connection = database.connect()) {
      return GroupStatus.read(connection, "workers").getFirst();
    }
  }

  /** The tick watcher has looked twice, the second time certainly after this was called. */
  private void awaitLooks() {
    for (int look = 0; look < 2; look++) {
      var since = database.string("select clock_timestamp()::text");
      Await.until(
          "a look of the tick watcher",
          WorkerFleet.SOON,
          () ->
              database.number(
                      """
                      select count(*) from pg_stat_activity
                       where datname = current_database() and application_name like 'pgq-fleet worker %'
                         and query like '%queue_name = any%' and query_start > ?::timestamptz\
                      """,
                      since)
                  > 0);
    }
  }
}
