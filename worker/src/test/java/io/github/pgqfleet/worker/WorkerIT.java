package io.github.pgqfleet.worker;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgqfleet.fixture.Await;
import io.github.pgqfleet.fixture.OnEachServer;
import io.github.pgqfleet.fixture.PgqServerExtension;
import io.github.pgqfleet.fixture.TestDatabase;
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
@OnEachServer
class WorkerIT {

  private static final Duration DEADLINE = Duration.ofSeconds(20);

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
    fleet.start(WorkerFleet.java("record", 4));
    for (int i = 0; i < 40; i++) {
      fleet.tickWith(i * 5 + 1, i * 5 + 5);
    }

    fleet.awaitDrained();

    assertThat(fleet.handled()).containsExactlyElementsOf(WorkerFleet.numbers(1, 200));
  }

  @Test
  void handlesAsManyBatchesAtOnceAsThereAreWorkers() throws Exception {
    fleet.start(WorkerFleet.java("four-at-once", 4));
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
    fleet.start(
        WorkerFleet.QUICK + "queues { orders { handler { type = sql, function = handle } } }");

    fleet.tickWith(1, 100);
    fleet.awaitDrained();

    assertThat(database.strings("select data from handled order by ctid"))
        .containsExactlyElementsOf(
            WorkerFleet.numbers(1, 100).stream().map(n -> "test" + n).toList());
  }

  @Test
  void rollsAFailingBatchBackAsAWholeAndTriesAgain() throws Exception {
    fleet.start(WorkerFleet.java("fail-twice", 1));

    fleet.tickWith(1, 3);
    fleet.awaitDrained();

    assertThat(TestHandlers.FAILURES).hasValue(2);
    assertThat(fleet.handled()).containsExactly("1", "2", "3");
  }

  @Test
  void goesOnAfterAHandlerThatWasInterruptedByNobody() throws Exception {
    fleet.start(WorkerFleet.java("interrupt-twice", 1));

    fleet.tickWith(1, 3);
    fleet.awaitDrained();

    assertThat(fleet.handled()).containsExactly("1", "2", "3");
  }

  @Test
  void wakesAllWorkersOfAQueueWhenATickIsAnnounced() throws Exception {
    fleet.start(
        "poll-interval = 1h, "
            + WorkerFleet.java("four-at-once", 4).substring(WorkerFleet.QUICK.length()));
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
    fleet.start(WorkerFleet.java("end-transaction", 1));

    fleet.tickWith(1, 1);
    Await.until("two attempts", WorkerFleet.SOON, () -> TestHandlers.FAILURES.get() >= 2);

    assertThat(database.number("select count(*) from pgq.subscription where sub_batch > 0"))
        .isOne();
  }

  @Test
  void finishesItsBatchAndLeavesTheGroupWhenItIsStopped() throws Exception {
    var application = fleet.start(WorkerFleet.java("wait", 2));
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
    var application = fleet.start(WorkerFleet.java("wait", 1));
    fleet.tickWith(1, 2);
    TestHandlers.entered.await();

    assertThat(stop(application, Duration.ofMillis(100))).isFalse();

    assertThat(fleet.handled()).isEmpty();
    assertThat(fleet.members()).containsExactly("workers", "workers.test_1");
    assertThat(database.number("select count(*) from pgq.subscription where sub_batch > 0"))
        .isOne();

    fleet.start(WorkerFleet.java("record", 1));
    fleet.awaitDrained();
    assertThat(fleet.handled()).containsExactly("1", "2");
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
            + " and application_name like 'pgq-fleet worker %' and query like '%pgq.subscription%'");
  }

  private static boolean stop(WorkerApplication application, Duration deadline) {
    try {
      return application.stop(deadline);
    } catch (InterruptedException e) {
      throw new AssertionError(List.of(e).toString(), e);
    }
  }
}
