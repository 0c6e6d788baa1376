package io.github.pgqfleet.worker;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgqfleet.fixture.Await;
import io.github.pgqfleet.fixture.FleetProcess;
import io.github.pgqfleet.fixture.PgqServerExtension;
import io.github.pgqfleet.fixture.TestDatabase;
import io.github.pgqfleet.worker.coop.PgqCoop;
import io.github.pgqfleet.worker.coop.SubConsumerId;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** {@code worker.jar} as a process whose {@code fleet.conf} changes while it runs. */
@ExtendWith(PgqServerExtension.class)
class ElasticIT {

  private static final String HOLD = "select pg_advisory_xact_lock(42)";

  private final TestDatabase database;
  private final WorkerFleet fleet;
  private final Stopper stopper;

  ElasticIT(TestDatabase database, @TempDir Path directory) throws SQLException {
    this.database = database;
    this.fleet = new WorkerFleet(database, directory);
    this.stopper = new Stopper(database);
  }

  /** Two handlers, which stop at an event {@code hold...} while the stopper holds its lock. */
  @BeforeEach
  void createsHandlers() {
    for (var name : List.of("a", "b")) {
      database.execute(
          """
          create function handle_%1$s(ev_id bigint, ev_time timestamptz, ev_txid bigint,
              ev_retry integer, ev_type text, ev_data text, ev_extra1 text, ev_extra2 text,
              ev_extra3 text, ev_extra4 text) returns void language plpgsql as $$
          begin
            if ev_data like 'hold%%' then perform pg_advisory_xact_lock_shared(42); end if;
            insert into handled values (ev_id, '%1$s ' || ev_data, null);
          end $$\
          """
              .formatted(name));
    }
  }

  @AfterEach
  void stopsWorkers() throws Exception {
    stopper.close();
    fleet.stopAll();
  }

  @Test
  void addsAndRemovesSubConsumersWithoutDisturbingAnOpenBatch() throws Exception {
    var worker = start(queue("orders", 1, "a"));
    stopper.hold(HOLD);
    tick("orders", "hold");
    stopper.awaitStopped();
    var batch = batchOf("test_1");

    reload(worker, queue("orders", 3, "a"));
    awaitMembers("test_1", "test_2", "test_3");
    tick("orders", "1", "2");
    fleet.awaitHandled(2);
    reload(worker, queue("orders", 1, "a"));
    awaitMembers("test_1");

    assertThat(batchOf("test_1")).isEqualTo(batch);
    stopper.release();
    fleet.awaitDrained();
    assertThat(handled()).containsExactly("a 1", "a 2", "a hold");
    assertThat(worker.output()).doesNotContain("event=stopping", "event=batch_lost", "failed");
  }

  @Test
  void letsASubConsumerThatGoesAwayFinishItsBatch() throws Exception {
    var worker = start(queue("orders", 2, "a"));
    stopper.hold(HOLD);
    tick("orders", "hold1");
    stopper.awaitStopped();
    tick("orders", "hold2");
    stopper.awaitStopped(2);
    var batch = batchOf("test_2");

    reload(worker, queue("orders", 1, "a"));

    assertThat(batchOf("test_2")).isEqualTo(batch);
    stopper.release();
    awaitMembers("test_1");
    fleet.awaitDrained();
    assertThat(handled()).containsExactly("a hold1", "a hold2");
  }

  @Test
  void leavesABatchThatCannotBeFinishedInTimeToTheOthers() throws Exception {
    var quick = "stop-deadline = 500ms, dead-interval = 1s, heartbeat-interval = 100ms, ";
    var worker = start(quick + queue("orders", 2, "a"));
    stopper.hold(HOLD);
    tick("orders", "hold1");
    stopper.awaitStopped();
    tick("orders", "hold2");
    stopper.awaitStopped(2);

    reload(worker, quick + queue("orders", 1, "a"));
    worker.awaitLine("subconsumer orders/workers.test_2 event=deadline_passed", WorkerFleet.SOON);
    Await.until(
        "its function to end in the server",
        WorkerFleet.SOON,
        () -> sessionsInHandlers().size() == 1);
    // Nobody says any more that it lives.
    var its = eventsOf(batchOf("test_2"));
    assertThat(takeOver()).isEqualTo(its);
    assertThat(handled()).isEmpty();
    stopper.release();
    fleet.awaitDrained();

    assertThat(handled()).containsExactly(its.contains("hold1") ? "a hold2" : "a hold1");
    assertThat(members()).containsExactly("other", "test_1", "test_2");
  }

  @Test
  void changesAHandlerAfterTheBatchUnderWayAndLeavesOtherQueuesAlone() throws Exception {
    fleet.createQueue("audit");
    var worker = start(queue("orders", 1, "a") + ", " + queue("audit", 1, "a"));
    stopper.hold(HOLD);
    tick("orders", "hold1");
    tick("audit", "hold2");
    stopper.awaitStopped(2);
    var session = sessionsInHandlers();
    tick("orders", "3");

    reload(worker, queue("orders", 1, "b") + ", " + queue("audit", 1, "a"));
    assertThat(sessionsInHandlers()).isEqualTo(session);
    stopper.release();
    fleet.awaitDrained();
    tick("audit", "4");
    fleet.awaitHandled(4);

    assertThat(handled()).containsExactlyInAnyOrder("a hold1", "b 3", "a hold2", "a 4");
  }

  @Test
  void takesUpNewQueuesAndLetsRemovedOnesRest() throws Exception {
    fleet.createQueue("audit");
    var worker = start(queue("orders", 2, "a"));
    database.registerConsumer("audit", "workers");

    reload(worker, queue("audit", 2, "b"));
    awaitMembersOf("audit", "test_1", "test_2");
    awaitMembersOf("orders");
    tick("orders", "1");
    tick("audit", "2");
    fleet.awaitHandled(1);
    assertThat(handled()).containsExactly("b 2");

    reload(worker, queue("orders", 1, "a"));
    fleet.awaitHandled(2);
    assertThat(handled()).containsExactlyInAnyOrder("b 2", "a 1");
  }

  @Test
  void restartsAllWhenMoreThanQueuesChanges() throws Exception {
    var worker = start(queue("orders", 1, "a"));
    tick("orders", "1");
    fleet.awaitHandled(1);

    fleet.conf("poll-interval = 100ms, instance = other, " + queue("orders", 1, "a"));
    worker.reload();
    worker.awaitLine("event=reload restarted=true", WorkerFleet.SOON);
    awaitMembers("other_1");
    tick("orders", "2");
    fleet.awaitHandled(2);

    assertThat(handled()).containsExactly("a 1", "a 2");
  }

  @Test
  void refusesABadFileAndGoesOnWithTheOldOne() throws Exception {
    var worker = start(queue("orders", 2, "a"));

    fleet.conf(WorkerFleet.QUICK + queue("orders", -1, "b"));
    worker.reload();
    worker.awaitLine("event=reload_refused .*worker.queues.orders.workers is -1", WorkerFleet.SOON);
    tick("orders", "1", "2");
    fleet.awaitHandled(2);

    assertThat(handled()).containsExactly("a 1", "a 2");
    assertThat(members()).containsExactly("test_1", "test_2");
  }

  @Test
  void growsPgqConsumerOnlyByTheNamesOfItsSlots() throws Exception {
    fleet.provision(fleet.conf(WorkerFleet.QUICK + queue("orders", 3, "a")));
    try (var connection = database.connect()) {
      var coop = new PgqCoop(connection);
      for (int cycle = 0; cycle < 1_000; cycle++) {
        var id = new SubConsumerId("orders", "workers", "test_" + (cycle % 3 + 1));
        assertThat(coop.registerSubconsumer(id)).isTrue();
        assertThat(coop.unregisterSubconsumer(id)).isTrue();
      }
    }
    for (int start = 0; start < 3; start++) {
      var worker = start(queue("orders", 3, "a"));
      worker.terminate();
      assertThat(worker.exitCode(WorkerFleet.SOON)).isZero();
    }

    assertThat(database.strings("select co_name from pgq.consumer order by 1"))
        .containsExactly("workers", "workers.test_1", "workers.test_2", "workers.test_3");
  }

  private FleetProcess start(String queues) throws IOException {
    var conf = fleet.conf(WorkerFleet.QUICK + queues);
    fleet.provision(conf);
    var worker = fleet.startProcess(conf);
    Await.until(
        "the sub-consumers to register",
        WorkerFleet.SOON,
        () -> !members().isEmpty() && worker.output().contains("event=started"));
    return worker;
  }

  private void reload(FleetProcess worker, String queues) throws IOException {
    long before = reloads(worker);
    fleet.conf(WorkerFleet.QUICK + queues);
    worker.reload();
    Await.until("the reload", WorkerFleet.SOON, () -> reloads(worker) > before);
  }

  private static long reloads(FleetProcess worker) {
    return worker.output().lines().filter(l -> l.contains("event=reload restarted=false")).count();
  }

  private static String queue(String name, int workers, String handler) {
    return "queues { %s { workers = %d, handler { type = sql, function = handle_%s } } }"
        .formatted(name, workers, handler);
  }

  private void tick(String queue, String... data) {
    database.insertEvents(queue, "test", List.of(data));
    database.tick(queue);
  }

  private long batchOf(String subconsumer) {
    return database.number(
        "select sub_batch from pgq.subscription join pgq.consumer on co_id = sub_consumer"
            + " where co_name = ?",
        "workers." + subconsumer);
  }

  private List<String> eventsOf(long batch) {
    return database.strings("select ev_data from pgq.get_batch_events(?)", batch);
  }

  /** Finishes the first batch that is taken from somebody who is not heard of any more. */
  private List<String> takeOver() throws SQLException {
    try (var connection = database.connect()) {
      var coop = new PgqCoop(connection);
      var id = new SubConsumerId("orders", "workers", "other");
      long taken =
          Await.value(
                  "a batch to be given up",
                  WorkerFleet.SOON,
                  () -> coop.nextBatch(id, Duration.ofSeconds(1)),
                  OptionalLong::isPresent)
              .orElseThrow();
      var events = eventsOf(taken);
      assertThat(coop.finishBatch(taken)).isTrue();
      return events;
    }
  }

  private List<String> sessionsInHandlers() {
    return database.strings(
        """
        select pid from pg_locks
         where locktype = 'advisory' and not granted
           and database = (select oid from pg_database where datname = current_database())
         order by 1\
        """);
  }

  private List<String> handled() {
    return database.strings("select data from handled order by data");
  }

  private List<String> members() {
    return membersOf("orders");
  }

  private List<String> membersOf(String queue) {
    return database.strings(
        """
        select split_part(co_name, '.', 2)
          from pgq.subscription
          join pgq.consumer on co_id = sub_consumer
          join pgq.queue on queue_id = sub_queue
         where queue_name = ? and co_name like 'workers.%'
         order by 1\
        """,
        queue);
  }

  private void awaitMembers(String... subconsumers) {
    awaitMembersOf("orders", subconsumers);
  }

  private void awaitMembersOf(String queue, String... subconsumers) {
    Await.until(
        "the members " + List.of(subconsumers),
        WorkerFleet.SOON,
        () -> membersOf(queue).equals(List.of(subconsumers)));
  }
}
