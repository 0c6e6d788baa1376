package io.github.pgqfleet.worker;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgqfleet.fixture.Await;
import io.github.pgqfleet.fixture.PgqServerExtension;
import io.github.pgqfleet.fixture.TestDatabase;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Events that fail among others, with each kind of handler. */
@ExtendWith(PgqServerExtension.class)
class FailingEventsIT {

  private static final Duration LONG = Duration.ofMinutes(3);

  private final TestDatabase database;
  private final WorkerFleet fleet;

  FailingEventsIT(TestDatabase database, @TempDir Path directory) {
    this.database = database;
    this.fleet = new WorkerFleet(database, directory);
  }

  @BeforeEach
  void createsWhatHandlersNeed() {
    FailingHandlers.CONFLICTS.set(2);
    database.execute(FailingHandlers.FUNCTION);
    database.execute("create sequence conflicts");
  }

  @AfterEach
  void stopsWorkers() throws InterruptedException {
    fleet.stopAll();
  }

  @ParameterizedTest
  @ValueSource(strings = {"event", "batch", "sql"})
  void oneFailingEventAmongAThousandCostsTheOthersNothing(String kind) throws Exception {
    fleet.start(worker(kind, "attempts = 5"));
    insert("records", 1, 499);
    insert("fails", 500, 500);
    insert("records", 501, 1000);

    database.tick("orders");
    fleet.awaitDrained();

    var others = WorkerFleet.numbers(1, 1000);
    others = others.stream().filter(n -> !n.equals("500")).toList();
    assertThat(fleet.handled()).containsExactlyElementsOf(others);
    assertThat(waiting()).containsExactly("500 1");
    assertThat(dead()).isEmpty();
    assertThat(batchesFinished()).isOne();
  }

  @ParameterizedTest
  @ValueSource(strings = {"event", "batch", "sql"})
  void comesAgainLaterEachTimeAndIsADeadLetterAfterItsLastAttempt(String kind) throws Exception {
    fleet.start(worker(kind, "attempts = 3, first-delay = 40s"));
    insert("fails", 1, 2);

    database.tick("orders");
    fleet.awaitDrained();
    assertThat(waiting()).containsExactly("1 1", "2 1");
    assertThat(delaysBetween(20, 40)).isTrue();
    retry();
    fleet.awaitDrained();
    assertThat(waiting()).containsExactly("1 2", "2 2");
    assertThat(delaysBetween(40, 80)).isTrue();
    retry();
    fleet.awaitDrained();

    assertThat(waiting()).isEmpty();
    assertThat(fleet.handled()).isEmpty();
    assertThat(dead()).containsExactly("1 3 told to fail 1", "2 3 told to fail 2");
    assertThat(database.strings("select distinct consumer_name from pgq_fleet.dead_letter"))
        .containsExactly("workers");
  }

  @ParameterizedTest
  @ValueSource(strings = {"event", "batch", "sql"})
  void handlesOnceWhatSucceedsAtALaterAttempt(String kind) throws Exception {
    fleet.start(worker(kind, "attempts = 3"));
    insert("records", 1, 3);
    insert("fails-twice", 4, 6);
    insert("records", 7, 9);

    database.tick("orders");
    fleet.awaitDrained();
    assertThat(fleet.handled()).containsExactly("1", "2", "3", "7", "8", "9");
    retry();
    fleet.awaitDrained();
    retry();
    fleet.awaitDrained();

    assertThat(fleet.handled()).containsExactlyElementsOf(WorkerFleet.numbers(1, 9));
    assertThat(waiting()).isEmpty();
    assertThat(dead()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"event", "batch", "sql"})
  void findsTheEventThatViolatesADeferredConstraint(String kind) throws Exception {
    database.execute("alter table handled add unique (data) deferrable initially deferred");
    fleet.start(worker(kind, "attempts = 1"));
    insert("records", 1, 9);
    insert("records", 5, 5);
    insert("records", 10, 20);

    database.tick("orders");
    fleet.awaitDrained();

    assertThat(database.strings("select data from handled order by ev_id"))
        .containsExactlyElementsOf(WorkerFleet.numbers(1, 20));
    assertThat(database.strings("select ev_id || ' ' || ev_data from pgq_fleet.dead_letter"))
        .containsExactly("10 5");
  }

  @Test
  void leavesDeferredConstraintsDeferredForTheEventsThatFollow() throws Exception {
    database.execute(
        """
        create table parent (id int primary key);
        create table child (id int references parent deferrable initially deferred);
        create table twin (id int unique deferrable initially immediate)\
        """);
    fleet.start(worker("event", "attempts = 1"));
    insert("fails", 1, 1);
    insert("child-first", 2, 4);
    insert("fails", 5, 5);
    insert("child-first", 6, 8);

    database.tick("orders");
    fleet.awaitDrained();

    assertThat(database.strings("select id from child order by id"))
        .containsExactly("2", "3", "4", "6", "7", "8");
    assertThat(dead()).containsExactly("1 1 told to fail 1", "5 1 told to fail 5");
  }

  @ParameterizedTest
  @ValueSource(strings = {"event", "batch", "sql"})
  void runsTheBatchAgainAfterASerializationFailureAndBlamesNoEvent(String kind) throws Exception {
    fleet.start(worker(kind, "attempts = 1"));
    insert("records", 1, 3);
    insert("conflicts", 4, 4);
    insert("records", 5, 6);

    database.tick("orders");
    fleet.awaitDrained();

    assertThat(fleet.handled()).containsExactlyElementsOf(WorkerFleet.numbers(1, 6));
    assertThat(waiting()).isEmpty();
    assertThat(dead()).isEmpty();
    assertThat(kind.equals("sql") ? 0 : FailingHandlers.CONFLICTS.get()).isNotPositive();
  }

  @ParameterizedTest
  @ValueSource(strings = {"event", "batch", "sql"})
  void buriesAtOnceWhatTheHandlerCallsDead(String kind) throws Exception {
    fleet.start(worker(kind, "attempts = 5"));
    insert("records", 1, 3);
    insert("is-dead", 4, 4);
    insert("records", 5, 6);

    database.tick("orders");
    fleet.awaitDrained();

    assertThat(fleet.handled()).containsExactly("1", "2", "3", "5", "6");
    assertThat(waiting()).isEmpty();
    assertThat(database.strings("select ev_data || ' ' || attempts from pgq_fleet.dead_letter"))
        .containsExactly("4 1");
  }

  @ParameterizedTest
  @ValueSource(strings = {"event", "batch"})
  void findsTheEventWhoseHandlerHasSwallowedAnErrorOfTheDatabase(String kind) throws Exception {
    fleet.start(worker(kind, "attempts = 1"));
    insert("records", 1, 3);
    insert("swallows", 4, 4);
    insert("records", 5, 6);

    database.tick("orders");
    fleet.awaitDrained();

    assertThat(fleet.handled()).containsExactly("1", "2", "3", "5", "6");
    assertThat(database.strings("select ev_data from pgq_fleet.dead_letter")).containsExactly("4");
  }

  @ParameterizedTest
  @ValueSource(strings = {"event", "batch", "sql"})
  void putsFortyThousandFailingEventsAsideInSeconds(String kind) throws Exception {
    fleet.provision(fleet.conf(worker(kind, "attempts = 2")));
    database.execute(
        "select count(pgq.insert_event('orders', case when n % 2 = 0 then 'fails' else 'is-dead'"
            + " end, n::text)) from generate_series(1, 40000) n");
    database.tick("orders");
    var start = System.nanoTime();

    fleet.start(worker(kind, "attempts = 2"));
    Await.until("the batch to be finished", LONG, () -> batchesFinished() == 1);

    System.out.printf(
        "failing events: kind=%s events=40000 seconds=%.1f%n",
        kind, (System.nanoTime() - start) / 1e9);
    assertThat(fleet.handled()).isEmpty();
    assertThat(database.strings("select ev_data from pgq.retry_queue order by ev_id"))
        .containsExactlyElementsOf(
            IntStream.rangeClosed(1, 20_000).mapToObj(n -> "" + 2 * n).toList());
    assertThat(database.strings("select ev_data from pgq_fleet.dead_letter order by ev_id"))
        .containsExactlyElementsOf(
            IntStream.rangeClosed(1, 20_000).mapToObj(n -> "" + (2 * n - 1)).toList());
  }

  @Test
  void searchesABatchMuchLargerThanItsMemoryAndLogsNoPayload() throws Exception {
    var conf = fleet.conf(worker("sql", "attempts = 1"));
    fleet.provision(conf);
    database.execute(
        "select count(pgq.insert_event('orders', case when n % 20000 = 0 then 'no-number' else"
            + " 'records' end, 'secret' || n || repeat('x', 1500))) from generate_series(1, 60000)"
            + " n");
    database.tick("orders");

    var worker = fleet.startProcess(conf, "-Xmx48m");
    worker.awaitLine("event=events_failed", LONG);
    Await.until("the batch to be finished", LONG, () -> batchesFinished() == 1);

    assertThat(
            database.strings("select substr(ev_data, 7, 5) from pgq_fleet.dead_letter order by id"))
        .containsExactly("20000", "40000", "60000");
    assertThat(database.number("select count(distinct ev_id) from handled")).isEqualTo(59_997);
    assertThat(database.number("select count(*) from handled")).isEqualTo(59_997);
    assertThat(worker.output()).contains("SQLSTATE 22P02").doesNotContain("secret");
  }

  @Test
  void needsNoMoreThanTheRightsOfAReader() throws Exception {
    fleet.provision(fleet.conf(worker("event", "attempts = 2")));
    var role = database.name() + "_reader";
    database.execute("create role " + role + " login password 'reader' in role pgq_reader");
    try {
      database.execute("grant select, insert on handled to " + role);
      insert("records", 1, 1);
      insert("fails", 2, 2);
      insert("is-dead", 3, 3);

      fleet.startAs(role, "reader", worker("event", "attempts = 2"));
      database.tick("orders");
      fleet.awaitDrained();

      assertThat(fleet.handled()).containsExactly("1");
      assertThat(waiting()).containsExactly("2 1");
      assertThat(dead()).containsExactly("3 1 no use");
    } finally {
      fleet.stopAll();
      database.execute("drop owned by " + role + "; drop role " + role);
    }
  }

  @Test
  void saysWhatToRunWhereTheSqlIsMissingAndGoesOnWhenThatWasDone() throws Exception {
    var conf = fleet.conf(worker("sql", "attempts = 1"));
    fleet.provision(conf);
    database.execute("drop schema pgq_fleet cascade");
    insert("fails", 1, 1);
    database.tick("orders");

    var worker = fleet.startProcess(conf);
    worker.awaitLine("event=failed .*run `worker provision`", WorkerFleet.SOON);
    fleet.provision(conf);
    fleet.awaitDrained();

    assertThat(dead()).containsExactly("1 1 told to fail 1");
  }

  /** A worker whose handler is a Java one, by event or by batch, or a function. */
  private static String worker(String kind, String retry) {
    var handler =
        kind.equals("sql")
            ? "type = sql, function = handle"
            : "type = java, name = failing, settings { by = " + kind + " }";
    return WorkerFleet.QUICK
        + "retry { %s }, queues { orders { handler { %s } } }".formatted(retry, handler);
  }

  private void insert(String type, int from, int to) {
    database.insertEvents("orders", type, WorkerFleet.numbers(from, to));
  }

  /** Lets the time of all that wait come. */
  private void retry() {
    database.execute("update pgq.retry_queue set ev_retry_after = now()");
    while (database.number("select pgq.maint_retry_events()") > 0) {
      // At most ten at a time.
    }
    database.tick("orders");
  }

  private List<String> waiting() {
    return database.strings(
        "select ev_data || ' ' || ev_retry from pgq.retry_queue order by ev_id");
  }

  private boolean delaysBetween(int least, int most) {
    return database.number(
            "select count(*) from pgq.retry_queue"
                + " where extract(epoch from ev_retry_after - now()) not between ? - 5 and ?",
            least,
            most)
        == 0;
  }

  private List<String> dead() {
    return database.strings(
        "select ev_data || ' ' || attempts || ' ' || split_part(error, ' (', 1)"
            + " from pgq_fleet.dead_letter order by ev_id");
  }

  /** How many batches the group has finished; the first begins at the tick of its registration. */
  private long batchesFinished() {
    return database.number(
        """
        select count(*) from pgq.tick t
          join pgq.subscription m on m.sub_queue = t.tick_queue and m.sub_next_tick is null
           and m.sub_last_tick is not null
         where t.tick_id <= m.sub_last_tick and t.tick_id > 1
           and not exists (select from pgq.subscription s where s.sub_batch is not null)\
        """);
  }
}
