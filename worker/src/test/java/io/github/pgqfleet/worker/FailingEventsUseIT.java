package io.github.pgqfleet.worker;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgqfleet.fixture.Await;
import io.github.pgqfleet.fixture.PgqServerExtension;
import io.github.pgqfleet.fixture.TestDatabase;
import java.nio.file.Path;
import java.time.Duration;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What failing events take: time, memory, rights, and our SQL. */
@ExtendWith(PgqServerExtension.class)
class FailingEventsUseIT {

  private static final Duration LONG = Duration.ofMinutes(3);

  private final TestDatabase database;
  private final WorkerFleet fleet;
  private final FailingEvents events;

  FailingEventsUseIT(TestDatabase database, @TempDir Path directory) {
    this.database = database;
    this.fleet = new WorkerFleet(database, directory);
    this.events = new FailingEvents(database);
  }

  @AfterEach
  void stopsWorkers() throws InterruptedException {
    fleet.stopAll();
  }

  @ParameterizedTest
  @ValueSource(strings = {"event", "batch", "sql"})
  void putsFortyThousandFailingEventsAsideInSeconds(String kind) throws Exception {
    fleet.provision(fleet.conf(FailingEvents.worker(kind, "attempts = 2")));
    database.execute(
        "select count(pgq.insert_event('orders', case when n % 2 = 0 then 'fails' else 'is-dead'"
            + " end, n::text)) from generate_series(1, 40000) n");
    database.tick("orders");
    var start = System.nanoTime();

    fleet.start(FailingEvents.worker(kind, "attempts = 2"));
    Await.until("the batch to be finished", LONG, () -> events.batchesFinished() == 1);

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
    var conf = fleet.conf(FailingEvents.worker("sql", "attempts = 1"));
    fleet.provision(conf);
    database.execute(
        "select count(pgq.insert_event('orders', case when n % 20000 = 0 then 'no-number' else"
            + " 'records' end, 'secret' || n || repeat('x', 1500))) from generate_series(1, 60000)"
            + " n");
    database.tick("orders");

    var worker = fleet.startProcess(conf, "-Xmx48m");
    worker.awaitLine("event=events_failed", LONG);
    Await.until("the batch to be finished", LONG, () -> events.batchesFinished() == 1);

    assertThat(
            database.strings("select substr(ev_data, 7, 5) from pgq_fleet.dead_letter order by id"))
        .containsExactly("20000", "40000", "60000");
    assertThat(database.number("select count(distinct ev_id) from handled")).isEqualTo(59_997);
    assertThat(database.number("select count(*) from handled")).isEqualTo(59_997);
    assertThat(worker.output()).contains("SQLSTATE 22P02").doesNotContain("secret");
  }

  @Test
  void needsNoMoreThanTheRightsOfAReader() throws Exception {
    fleet.provision(fleet.conf(FailingEvents.worker("event", "attempts = 2")));
    var role = database.name() + "_reader";
    database.execute("create role " + role + " login password 'reader' in role pgq_reader");
    try {
      database.execute("grant select, insert on handled to " + role);
      events.insert("records", 1, 1);
      events.insert("fails", 2, 2);
      events.insert("is-dead", 3, 3);

      fleet.startAs(role, "reader", FailingEvents.worker("event", "attempts = 2"));
      database.tick("orders");
      fleet.awaitDrained();

      assertThat(fleet.handled()).containsExactly("1");
      assertThat(events.waiting()).containsExactly("2 1");
      assertThat(events.dead()).containsExactly("3 1 no use");
    } finally {
      fleet.stopAll();
      database.execute("drop owned by " + role + "; drop role " + role);
    }
  }

  @Test
  void saysWhatToRunWhereTheSqlIsMissingAndGoesOnWhenThatWasDone() throws Exception {
    var conf = fleet.conf(FailingEvents.worker("sql", "attempts = 1"));
    fleet.provision(conf);
    database.execute("drop schema pgq_fleet cascade");
    events.insert("fails", 1, 1);
    database.tick("orders");

    var worker = fleet.startProcess(conf);
    worker.awaitLine("event=failed .*run `worker provision`", WorkerFleet.SOON);
    fleet.provision(conf);
    fleet.awaitDrained();

    assertThat(events.dead()).containsExactly("1 1 told to fail 1");
  }
}
