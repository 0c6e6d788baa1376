package io.github.pgqfleet.worker;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgqfleet.fixture.Await;
import io.github.pgqfleet.fixture.PgqServerExtension;
import io.github.pgqfleet.fixture.TestDatabase;
import io.github.pgqfleet.worker.coop.PgqCoop;
import io.github.pgqfleet.worker.coop.SubConsumerId;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** A worker inside this JVM, with Java handlers and functions, on a real queue. */
@ExtendWith(PgqServerExtension.class)
class WorkerIT {

  private static final Duration DEADLINE = Duration.ofSeconds(20);
  private static final String QUICK = "poll-interval = 50ms, ";

  private final TestDatabase database;
  private final WorkerFleet fleet;

  WorkerIT(TestDatabase database, @TempDir Path directory) {
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
  void handlesEachEventOnce() throws Exception {
    fleet.start(java("record", 4));
    for (int i = 0; i < 40; i++) {
      fleet.tickWith(i * 5 + 1, i * 5 + 5);
    }

    fleet.awaitDrained();

    assertThat(fleet.handled()).containsExactlyElementsOf(WorkerFleet.numbers(1, 200));
  }

  @Test
  void handlesAsManyBatchesAtOnceAsThereAreWorkers() throws Exception {
    fleet.start(java("four-at-once", 4));
    for (int i = 1; i <= 4; i++) {
      fleet.tickWith(i, i);
    }

    fleet.awaitHandled(4);

    assertThat(fleet.handled()).containsExactly("1", "2", "3", "4");
    assertThat(database.strings("select distinct subconsumer from handled order by 1"))
        .containsExactly("test_1", "test_2", "test_3", "test_4");
  }

  @Test
  void handlesEventsInAFunctionOfTheDatabaseInTheirOrder() throws Exception {
    createFunction("insert into handled values (ev_id, ev_type || ev_data, null);");
    fleet.start(QUICK + "queues { orders { handler { type = sql, function = handle } } }");

    fleet.tickWith(1, 100);
    fleet.awaitDrained();

    assertThat(database.strings("select data from handled order by ctid"))
        .containsExactlyElementsOf(
            WorkerFleet.numbers(1, 100).stream().map(n -> "test" + n).toList());
  }

  @Test
  void rollsAFailingBatchBackAsAWholeAndTriesAgain() throws Exception {
    fleet.start(java("fail-twice", 1));

    fleet.tickWith(1, 3);
    fleet.awaitDrained();

    assertThat(TestHandlers.FAILURES).hasValue(2);
    assertThat(fleet.handled()).containsExactly("1", "2", "3");
  }

  @Test
  void wakesAllWorkersOfAQueueWhenATickIsAnnounced() throws Exception {
    fleet.start("poll-interval = 1h, " + java("four-at-once", 4).substring(QUICK.length()));
    Await.until("the worker to listen", WorkerFleet.SOON, () -> listeners() == 1);
    for (int i = 1; i <= 4; i++) {
      fleet.tickWith(i, i);
    }

    database.execute("select pg_notify('pgq_tick', 'orders')");
    fleet.awaitHandled(4);

    assertThat(fleet.handled()).containsExactly("1", "2", "3", "4");
  }

  @Test
  void refusesABatchWhoseHandlerEndedTheTransaction() throws Exception {
    fleet.start(java("end-transaction", 1));

    fleet.tickWith(1, 1);
    Await.until("two attempts", WorkerFleet.SOON, () -> TestHandlers.FAILURES.get() >= 2);

    assertThat(database.number("select count(*) from pgq.subscription where sub_batch > 0"))
        .isOne();
  }

  @Test
  void finishesItsBatchAndLeavesTheGroupWhenItIsStopped() throws Exception {
    var application = fleet.start(java("wait", 2));
    fleet.tickWith(1, 1);
    TestHandlers.entered.await();

    var stopped = CompletableFuture.supplyAsync(() -> stop(application, DEADLINE));
    Await.until(
        "the idle sub-consumer to leave", WorkerFleet.SOON, () -> fleet.members().size() == 2);
    TestHandlers.release.countDown();

    assertThat(stopped.get(30, TimeUnit.SECONDS)).isTrue();
    assertThat(fleet.handled()).containsExactly("1");
    assertThat(fleet.members()).containsExactly("workers");
  }

  @Test
  void rollsBackAtTheDeadlineAndContinuesTheBatchAtItsNextStart() throws Exception {
    var application = fleet.start(java("wait", 1));
    fleet.tickWith(1, 2);
    TestHandlers.entered.await();

    assertThat(stop(application, Duration.ofMillis(100))).isFalse();

    assertThat(fleet.handled()).isEmpty();
    assertThat(fleet.members()).containsExactly("workers", "workers.test_1");
    assertThat(database.number("select count(*) from pgq.subscription where sub_batch > 0"))
        .isOne();

    fleet.start(java("record", 1));
    fleet.awaitDrained();
    assertThat(fleet.handled()).containsExactly("1", "2");
  }

  @Test
  void interruptsTheHandlerOfABatchThatWasTakenOver() throws Exception {
    fleet.start("dead-interval = 1h, heartbeat-interval = 50ms, " + java("wait", 1));
    fleet.tickWith(1, 1);
    TestHandlers.entered.await();

    try (var connection = database.connect()) {
      var other = new PgqCoop(connection);
      var id = new SubConsumerId("orders", "workers", "other");
      long taken = other.nextBatch(id, Duration.ZERO).orElseThrow();

      assertThat(TestHandlers.ENDINGS.poll(20, TimeUnit.SECONDS)).isEqualTo("interrupted");
      assertThat(database.strings("select ev_data from pgq.get_batch_events(?)", taken))
          .containsExactly("1");
      assertThat(other.finishBatch(taken)).isTrue();
    }
    fleet.awaitDrained();
    assertThat(fleet.handled()).isEmpty();
  }

  @Test
  void cannotCommitALostBatchAlthoughItsHandlerIgnoresTheInterruption() throws Exception {
    fleet.start("dead-interval = 1h, heartbeat-interval = 50ms, " + java("wait-stubbornly", 1));
    fleet.tickWith(1, 1);
    TestHandlers.entered.await();
    try (var connection = database.connect()) {
      var other = new PgqCoop(connection);
      var id = new SubConsumerId("orders", "workers", "other");
      long taken = other.nextBatch(id, Duration.ZERO).orElseThrow();
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
    fleet.start("dead-interval = 1h, heartbeat-interval = 50ms, " + java("wait", 1));
    fleet.tickWith(1, 1);
    TestHandlers.entered.await();
    try (var connection = database.connect()) {
      connection.setAutoCommit(false);
      var other = new PgqCoop(connection);
      var id = new SubConsumerId("orders", "workers", "other");
      long taken = other.nextBatch(id, Duration.ZERO).orElseThrow();
      fleet.tickWith(2, 2);
      TestHandlers.release = new java.util.concurrent.CountDownLatch(0);
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
    fleet.start("dead-interval = 400ms, heartbeat-interval = 50ms, " + java("wait", 2));
    fleet.tickWith(1, 1);
    TestHandlers.entered.await();
    var since = database.string("select clock_timestamp()::text");

    // Long after the dead interval, with a sibling that would take it over.
    Await.until(
        "signs of life",
        WorkerFleet.SOON,
        () ->
            database.number(
                    "select count(*) from pgq.subscription"
                        + " where sub_batch > 0 and sub_active > ?::timestamptz + interval '2 s'",
                    since)
                == 1);
    TestHandlers.release.countDown();
    fleet.awaitDrained();

    assertThat(TestHandlers.ENDINGS).containsExactly("released");
    assertThat(fleet.handled()).containsExactly("1");
  }

  @Test
  void takesOverTheBatchOfADeadSibling() throws Exception {
    fleet.provision(fleet.conf(java("record", 1)));
    fleet.tickWith(1, 3);
    try (var connection = database.connect()) {
      var dead = new SubConsumerId("orders", "workers", "dead_1");
      new PgqCoop(connection).nextBatch(dead).orElseThrow();
    }

    fleet.start("dead-interval = 500ms, heartbeat-interval = 50ms, " + java("record", 1));
    fleet.awaitDrained();

    assertThat(fleet.handled()).containsExactly("1", "2", "3");
    assertThat(fleet.members()).containsExactly("workers", "workers.dead_1", "workers.test_1");
  }

  private void createFunction(String body) {
    database.execute(
        """
        create function handle(ev_id bigint, ev_time timestamptz, ev_txid bigint, ev_retry integer,
            ev_type text, ev_data text, ev_extra1 text, ev_extra2 text, ev_extra3 text,
            ev_extra4 text) returns void language plpgsql as $$ begin\
        """
            + " "
            + body
            + " end $$");
  }

  private long listeners() {
    return database.number(
        "select count(*) from pg_stat_activity where datname = current_database()"
            + " and application_name = 'pgq-fleet worker' and query like '%pgq.subscription%'");
  }

  private static String java(String mode, int workers) {
    return QUICK
        + "queues { orders { workers = %d, handler { type = java, name = test, settings { mode = %s } } } }"
            .formatted(workers, mode);
  }

  private static boolean stop(WorkerApplication application, Duration deadline) {
    try {
      return application.stop(deadline);
    } catch (InterruptedException e) {
      throw new AssertionError(List.of(e).toString(), e);
    }
  }
}
