package io.github.pgqfleet.mover;

import static io.github.pgqfleet.mover.TestFleet.PATIENCE;
import static io.github.pgqfleet.mover.TestFleet.QUEUE;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgqfleet.fixture.Await;
import io.github.pgqfleet.fixture.FleetProcess;
import io.github.pgqfleet.fixture.PgqServer;
import io.github.pgqfleet.fixture.PgqServerExtension;
import io.github.pgqfleet.fixture.TestDatabase;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * Kills the real process at each point between the steps of the protocol, and starts it again. A
 * lock that the test holds makes it stop at the point.
 */
@ExtendWith(PgqServerExtension.class)
class MoverFaultIT {

  private static final List<String> EVENTS = List.of("a", "b", "c");

  /** At commit, so that the transaction has done everything but that. */
  private static final String BLOCK_AT_COMMIT =
      """
      create function block() returns trigger language plpgsql as $$
      begin
        perform pg_advisory_xact_lock(42);
        return null;
      end $$;
      create constraint trigger block after insert on %s
        deferrable initially deferred for each row execute function block()""";

  private TestDatabase source;
  private TestDatabase destination;
  private TestFleet fleet;
  private FleetProcess mover;

  @BeforeEach
  void start(PgqServer server, @TempDir Path directory) {
    source = server.newDatabase();
    destination = server.newDatabase();
    fleet = new TestFleet(directory, destination, source);
    mover = run();
    fleet.awaitDrained(source);
  }

  @AfterEach
  void stop() {
    mover.close();
  }

  @Test
  void killedAfterNextBatchAndBeforeTheDestination() throws Exception {
    try (var lock = destination.connect()) {
      hold(lock, "select * from pgq_fleet.position for update");
      write();
      awaitBlocked(destination, "update pgq_fleet.position");
      mover.kill9();
    }
    assertDeliveredOnceAfterRestart();
  }

  @Test
  void killedWhileItReadsTheSource() throws Exception {
    write();
    try (var lock = source.connect()) {
      hold(lock, "lock table pgq.event_template in access exclusive mode");
      source.tick(QUEUE);
      awaitBlocked(source, "copy");
      mover.kill9();
    }
    assertDeliveredOnceAfterRestart();
  }

  @Test
  void killedBeforeItsCommitReachesTheDestination() throws Exception {
    destination.execute(BLOCK_AT_COMMIT.formatted(eventTable()));
    try (var lock = destination.connect()) {
      hold(lock, "select pg_advisory_xact_lock(42)");
      write();
      awaitBlocked(destination, "commit");
      mover.kill9();
      endBlockedBackends(destination);
    }
    assertDeliveredOnceAfterRestart();
  }

  @Test
  void killedBeforeItLearnsThatItsCommitSucceeded() throws Exception {
    destination.execute(BLOCK_AT_COMMIT.formatted(eventTable()));
    try (var lock = destination.connect()) {
      hold(lock, "select pg_advisory_xact_lock(42)");
      write();
      awaitBlocked(destination, "commit");
      mover.kill9();
    }
    // The backend now commits for a client that is gone.
    assertDeliveredOnceAfterRestart();
  }

  @Test
  void killedBetweenTheDestinationsCommitAndFinishBatch() throws Exception {
    destination.execute(BLOCK_AT_COMMIT.formatted(eventTable()));
    try (var subscription = source.connect()) {
      try (var lock = destination.connect()) {
        hold(lock, "select pg_advisory_xact_lock(42)");
        write();
        awaitBlocked(destination, "commit");
        hold(subscription, "select * from pgq.subscription for update");
      }
      awaitBlocked(source, "finish_batch");
      mover.kill9();
      endBlockedBackends(source);
    }
    assertDeliveredOnceAfterRestart();
    assertThat(mover.output()).contains("event=delivered_before");
  }

  @Test
  void killedAfterFinishBatch() {
    write();
    fleet.awaitDrained(source);
    mover.kill9();
    assertDeliveredOnceAfterRestart();
  }

  @Test
  void readsTheStateAgainWhenACommitsOutcomeIsUnknown() throws Exception {
    destination.execute(BLOCK_AT_COMMIT.formatted(eventTable()));
    try (var lock = destination.connect()) {
      hold(lock, "select pg_advisory_xact_lock(42)");
      write();
      awaitBlocked(destination, "commit");
      endBlockedBackends(destination);
      mover.awaitLine("its outcome is unknown", PATIENCE);
    }
    fleet.awaitDrained(source);
    assertThat(fleet.arrived()).isEqualTo(EVENTS);
  }

  @Test
  void killedAgainAndAgainUnderLoad() throws Exception {
    var expected = new ArrayList<String>();
    for (int round = 0; round < 8; round++) {
      for (int i = 0; i < 25; i++) {
        var data = List.of(round + "." + i + ".1", round + "." + i + ".2");
        source.insertEvents(QUEUE, "t", data);
        expected.addAll(data);
        if (i % 2 == 0) {
          source.tick(QUEUE);
        }
      }
      mover.kill9();
      mover = run();
    }
    fleet.awaitDrained(source);
    assertThat(fleet.arrived()).isEqualTo(expected);
  }

  @Test
  void endsWithZeroOnSigtermAndLeavesNothingUndone() {
    write();
    fleet.awaitDrained(source);
    mover.terminate();
    assertThat(mover.exitCode(PATIENCE)).isZero();
    assertThat(mover.output()).contains("event=stopped clean=true").doesNotContain("WARN", "ERROR");
    assertThat(fleet.arrived()).isEqualTo(EVENTS);
  }

  @Test
  void keepsTheOldConfigurationWhereTheNewOneIsBadOrCannotStart() throws Exception {
    fleet.configFile("poll-intervall = 1s");
    mover.reload();
    mover.awaitLine("event=reload_refused .*mover.poll-intervall is not a known key", PATIENCE);
    try (var taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      fleet.configFile("admin { enabled = true, port = %d }".formatted(taken.getLocalPort()));
      mover.reload();
      mover.awaitLine("event=reload_refused .*cannot listen on 127.0.0.1", PATIENCE);
      write();
      fleet.awaitDrained(source);
    }
    fleet.configFile("origin-column = extra1");
    mover.reload();
    Await.until(
        "the new configuration",
        PATIENCE,
        () -> mover.output().lines().filter(line -> line.contains("event=started")).count() == 3);
    assertThat(mover.isRunning()).isTrue();
    assertThat(fleet.arrived()).isEqualTo(EVENTS);
  }

  private FleetProcess run() {
    return FleetProcess.ofModule("mover")
        .arguments("run", "--config", fleet.configFile().toString())
        .start();
  }

  private void write() {
    source.insertEvents(QUEUE, "t", EVENTS);
    source.tick(QUEUE);
  }

  private String eventTable() {
    return destination.string("select pgq.current_event_table('orders')");
  }

  /** Takes a lock that lasts until the connection is closed. */
  private static void hold(Connection connection, String sql) throws SQLException {
    connection.setAutoCommit(false);
    try (var statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  /** Waits until the mover waits for a lock in a statement that begins like this, in any case. */
  private static void awaitBlocked(TestDatabase database, String statement) {
    Await.until(
        "the mover to wait for a lock in \"" + statement + "\"",
        PATIENCE,
        () ->
            database.number(
                    """
                    select count(*) from pg_stat_activity
                     where application_name like 'pgq-fleet mover %' and datname = current_database()
                       and wait_event_type = 'Lock' and query ilike '%' || ? || '%'""",
                    statement)
                > 0);
  }

  /** A backend does not notice that its client is gone while it waits for a lock. */
  private static void endBlockedBackends(TestDatabase database) {
    database.execute(
        "select pg_terminate_backend(pid) from pg_stat_activity"
            + " where wait_event_type = 'Lock' and datname = current_database()");
  }

  private void assertDeliveredOnceAfterRestart() {
    if (!mover.isRunning()) {
      mover = run();
    }
    fleet.awaitDrained(source);
    assertThat(fleet.arrived()).isEqualTo(EVENTS);
  }
}
