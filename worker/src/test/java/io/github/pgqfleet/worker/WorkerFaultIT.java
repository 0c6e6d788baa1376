package io.github.pgqfleet.worker;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgqfleet.fixture.Await;
import io.github.pgqfleet.fixture.FleetProcess;
import io.github.pgqfleet.fixture.PgqServerExtension;
import io.github.pgqfleet.fixture.TestDatabase;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code worker.jar} as a process, killed at each point between the steps of the protocol and
 * started again. What its handler has committed must then be each event, once.
 */
@ExtendWith(PgqServerExtension.class)
class WorkerFaultIT {

  private static final String ADVISORY = "select pg_advisory_xact_lock(42)";
  private static final String MAIN_ROW =
      """
      select from pgq.subscription
       where sub_consumer = (select co_id from pgq.consumer where co_name = 'workers')
         for update\
      """;

  private final TestDatabase database;
  private final WorkerFleet fleet;
  private final Stopper stopper;
  private Path conf = Path.of("");

  WorkerFaultIT(TestDatabase database, @TempDir Path directory) throws SQLException {
    this.database = database;
    this.fleet = new WorkerFleet(database, directory);
    this.stopper = new Stopper(database);
  }

  @BeforeEach
  void provisions() throws IOException {
    database.execute(
        """
        create function pause() returns void language plpgsql as $$
        begin perform pg_advisory_xact_lock_shared(42); end $$;

        create function pause_by_trigger() returns trigger language plpgsql as $$
        begin perform public.pause(); return new; end $$;

        create function handle(ev_id bigint, ev_time timestamptz, ev_txid bigint, ev_retry integer,
            ev_type text, ev_data text, ev_extra1 text, ev_extra2 text, ev_extra3 text,
            ev_extra4 text) returns void language plpgsql as $$
        begin
          insert into handled values (ev_id, ev_data, null);
          if ev_data = '2' then perform pause(); end if;
        end $$;
        """);
    conf =
        fleet.conf(
            "poll-interval = 100ms, dead-interval = 1h,"
                + " queues { orders { handler { type = sql, function = handle } } }");
    fleet.provision(conf);
  }

  @AfterEach
  void stopsWorkers() throws Exception {
    stopper.close();
    fleet.stopAll();
  }

  @Test
  void losesAndRepeatsNothingWhenKilledWhileItRegisters() throws Exception {
    fleet.tickWith(1, 3);
    stopper.hold(MAIN_ROW);
    var worker = start();
    stopper.awaitStopped();

    killAndAudit(worker);
  }

  @Test
  void losesAndRepeatsNothingWhenKilledWhileItAsksForABatch() throws Exception {
    var worker = start();
    Await.until("registration", WorkerFleet.SOON, () -> fleet.members().size() == 2);
    stopper.hold(MAIN_ROW);
    fleet.tickWith(1, 3);
    stopper.awaitStopped();

    killAndAudit(worker);
  }

  @Test
  void losesAndRepeatsNothingWhenKilledBetweenGettingABatchAndHandlingIt() throws Exception {
    fleet.tickWith(1, 3);
    stopper.hold("lock table pgq.event_1 in access exclusive mode");
    var worker = start();
    stopper.awaitStopped();
    assertThat(openBatches()).isOne();

    killAndAudit(worker);
  }

  @Test
  void losesAndRepeatsNothingWhenKilledInTheHandler() throws Exception {
    stopper.hold(ADVISORY);
    var worker = start();
    fleet.tickWith(1, 3);
    stopper.awaitStopped();

    killAndAudit(worker);
  }

  @Test
  void startsAgainWhileItsOldSessionIsStillInTheHandler() throws Exception {
    stopper.hold(ADVISORY);
    var worker = start();
    fleet.tickWith(1, 3);
    stopper.awaitStopped();
    worker.kill9();

    start();
    stopper.awaitStopped(2);
    stopper.release();

    audit();
  }

  @Test
  void losesAndRepeatsNothingWhenKilledBetweenHandlingAndTheCheck() throws Exception {
    try (var handler = new Stopper(database).hold(ADVISORY)) {
      var worker = start();
      fleet.tickWith(1, 3);
      handler.awaitStopped();
      stopper.hold(MAIN_ROW);
      handler.release();
      stopper.awaitStopped();

      killAndAudit(worker);
    }
  }

  @Test
  void losesAndRepeatsNothingWhenKilledBetweenTheCheckAndFinishing() throws Exception {
    database.execute(
        """
        create trigger pause before update on pgq.subscription for each row
        when (old.sub_batch is not null and new.sub_batch is null and new.sub_last_tick is null)
        execute function pause_by_trigger()\
        """);
    stopInTheEnd();
  }

  @Test
  void losesAndRepeatsNothingWhenKilledBetweenFinishingAndTheCommit() throws Exception {
    database.execute(
        """
        create constraint trigger pause after insert on handled deferrable initially deferred
        for each row execute function pause_by_trigger()\
        """);
    stopInTheEnd();
  }

  @Test
  void losesAndRepeatsNothingWhenKilledAfterTheCommit() throws Exception {
    database.execute(
        """
        create constraint trigger pause after insert on handled deferrable initially deferred
        for each row execute function pause_by_trigger()\
        """);
    try (var commit = new Stopper(database).hold(ADVISORY)) {
      fleet.tickWith(1, 1);
      fleet.tickWith(3, 3);
      var worker = start();
      commit.awaitStopped();
      // Waits for the worker's commit, and is before the worker when that asks for the next batch.
      var locking = Thread.ofVirtual().start(() -> holdUnchecked(MAIN_ROW));
      Await.until(
          "the main row to be waited for",
          WorkerFleet.SOON,
          () ->
              database.number(
                      "select count(*) from pg_stat_activity where wait_event_type = 'Lock'"
                          + " and query like '%co_name = ''workers''%'"
                          + " and pid <> pg_backend_pid()")
                  > 0);
      commit.release();
      locking.join();
      stopper.awaitStopped();
      assertThat(fleet.handled()).containsExactly("1");

      worker.kill9();
      stopper.release();
      start();
      fleet.awaitDrained();
      assertThat(fleet.handled()).containsExactly("1", "3");
    }
  }

  @Test
  void cannotCommitABatchThatWasTakenOverWhileItWasFrozen() throws Exception {
    stopper.hold(ADVISORY);
    var frozen = start();
    fleet.tickWith(1, 3);
    stopper.awaitStopped();
    frozen.freeze();

    var other =
        fleet.conf(
            "instance = other, poll-interval = 100ms, dead-interval = 1s, heartbeat-interval ="
                + " 100ms, queues { orders { handler { type = sql, function = handle } } }");
    fleet.startProcess(other, "-Xmx96m", "-XX:TieredStopAtLevel=1");
    stopper.awaitStopped(2);
    stopper.release();
    audit();

    frozen.thaw();
    // It is through with the lost batch when it works on another, while its sibling is stopped.
    stopper.hold(ADVISORY);
    fleet.tickWith(2, 2);
    stopper.awaitStopped();
    fleet.tickWith(4, 4);
    Await.until("event 4", WorkerFleet.SOON, () -> fleet.handled().contains("4"));
    stopper.release();
    fleet.awaitDrained();
    assertThat(fleet.handled()).containsExactly("1", "2", "3", "2", "4");
  }

  /** Kills it at a pause that is not the handler's, which pauses at event 2. */
  private void stopInTheEnd() throws Exception {
    stopper.hold(ADVISORY);
    var worker = start();
    database.insertEvents("orders", "test", List.of("1", "3"));
    database.tick("orders");
    stopper.awaitStopped();

    worker.kill9();
    stopper.release();
    start();
    fleet.awaitDrained();
    assertThat(fleet.handled()).containsExactly("1", "3");
  }

  private void killAndAudit(FleetProcess worker) throws Exception {
    worker.kill9();
    stopper.release();
    start();
    audit();
  }

  private void audit() {
    fleet.awaitHandled(3);
    fleet.awaitDrained();
    assertThat(fleet.handled()).containsExactly("1", "2", "3");
  }

  private void holdUnchecked(String sql) {
    try {
      stopper.hold(sql);
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  private FleetProcess start() {
    return fleet.startProcess(conf, "-Xmx96m", "-XX:TieredStopAtLevel=1");
  }

  private long openBatches() {
    return database.number("select count(*) from pgq.subscription where sub_batch is not null");
  }
}
