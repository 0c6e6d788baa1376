package io.github.pgqfleet.mover;

import static io.github.pgqfleet.mover.Operator.delivered;
import static io.github.pgqfleet.mover.TestFleet.CONSUMER;
import static io.github.pgqfleet.mover.TestFleet.PATIENCE;
import static io.github.pgqfleet.mover.TestFleet.QUEUE;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgqfleet.fixture.Await;
import io.github.pgqfleet.fixture.FleetProcess;
import io.github.pgqfleet.fixture.PgqServer;
import io.github.pgqfleet.fixture.PgqServerExtension;
import io.github.pgqfleet.fixture.TestDatabase;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * Kills the real {@code mover rewind} and {@code mover skip} between their steps, with a mover
 * running, and runs them again.
 */
@ExtendWith(PgqServerExtension.class)
class RepositioningFaultIT {

  private static final String BLOCK_AT_COMMIT =
      """
      create function block() returns trigger language plpgsql as $$
      begin
        if (select application_name not like 'pgq-fleet mover %.%' from pg_stat_activity
             where pid = pg_backend_pid()) then
          perform pg_advisory_xact_lock(42);
        end if;
        return null;
      end $$;
      create constraint trigger block after insert or update on pgq_fleet.position
        deferrable initially deferred for each row execute function block()""";

  private TestDatabase source;
  private TestDatabase destination;
  private TestFleet fleet;
  private Operator operator;
  private String queue;
  private RunningMover mover;
  private long afterA;

  @BeforeEach
  void moveTwoEvents(PgqServer server, @TempDir Path directory) throws Exception {
    source = server.newDatabase();
    destination = server.newDatabase();
    fleet = new TestFleet(directory, destination, source);
    operator = new Operator(fleet);
    queue = fleet.queueId(source);
    mover = RunningMover.of(fleet);
    fleet.awaitPosition(source);
    afterA = write("a");
    fleet.awaitDrained(source);
    write("b");
    fleet.awaitDrained(source);
    destination.execute(BLOCK_AT_COMMIT);
  }

  @AfterEach
  void stop() {
    mover.close();
  }

  @Test
  void aRewindKilledBeforeItSetsTheConsumerIsDoneByTheNext() throws Exception {
    lose();
    killBeforeTheConsumer("rewind");
    assertThat(mover.positionsLost()).isEqualTo(1);
    operator.moves(3, 0, "rewind", queue);
    assertGoesOn();
    assertThat(delivered(destination)).containsExactly("a", "b", "missed", "c", "d", "later");
  }

  @Test
  void aSkipKilledBeforeItSetsTheConsumerIsDoneByTheNext() throws Exception {
    lose();
    killBeforeTheConsumer("skip");
    assertThat(mover.positionsLost()).isEqualTo(1);
    operator.moves(3, 0, "skip", queue);
    assertGoesOn();
    assertThat(delivered(destination)).containsExactly("a", "b", "later");
  }

  @Test
  void aRewindKilledBeforeItCommitsHasPutTheConsumerRight() throws Exception {
    lose();
    killBeforeTheCommit("rewind", "--yes", queue);
    mover.await("recovery", () -> mover.positionsLost() == 0);
    assertThat(operator.run("rewind", "--yes", queue).output()).contains("lost=0 moved=0");
    assertGoesOn();
    assertThat(delivered(destination)).containsExactly("a", "b", "missed", "c", "d", "later");
  }

  @Test
  void aSkipKilledBeforeItCommitsIsDoneByTheNext() throws Exception {
    lose();
    killBeforeTheCommit("skip", "--yes", queue);
    operator.moves(3, 0, "skip", queue);
    assertGoesOn();
    assertThat(delivered(destination)).containsExactly("a", "b", "later");
  }

  @Test
  void aRewindToATimeKilledBeforeItCommitsHasChangedNothing() throws Exception {
    killBeforeTheCommit("rewind", "--yes", "--to", Long.toString(afterA), queue);
    assertGoesOn();
    assertThat(delivered(destination)).containsExactly("a", "b", "later");
    assertThat(operator.run("rewind", "--yes", "--to", Long.toString(afterA), queue).output())
        .contains("lost=0 moved=1 events=2 delivered_before=2 failed=0");
    fleet.awaitDrained(source);
    assertThat(delivered(destination)).containsExactly("a", "b", "later", "b", "later");
  }

  @Test
  void aMoverThatMovesTheConsumerBackMeanwhileIsNotLeftLost() throws Exception {
    var before = consumer();
    try (var lock = destination.connect();
        var rewind = command("rewind", "--yes", "--to", Long.toString(afterA), queue)) {
      hold(lock, "select pg_advisory_xact_lock(42)");
      awaitBlocked(destination, "commit");
      source.tick(QUEUE);
      Await.until("the mover to move the consumer", PATIENCE, () -> consumer() == before);
      lock.rollback();
      assertThat(rewind.exitCode(PATIENCE)).isZero();
    }
    assertGoesOn();
    assertThat(delivered(destination)).containsExactly("a", "b", "b", "later");
  }

  /** Three events that the mover does not deliver: its consumer was moved over the first. */
  private void lose() {
    mover.close();
    var tick = write("missed");
    source.execute("select pgq.register_consumer_at('orders', 'pgq_fleet', ?)", tick);
    try {
      mover = RunningMover.of(fleet);
    } catch (Exception e) {
      throw new AssertionError(e);
    }
    write("c");
    write("d");
    mover.await("lost position", () -> mover.positionsLost() == 1);
  }

  private void killBeforeTheConsumer(String way) throws SQLException {
    try (var consumer = source.connect();
        var position = destination.connect()) {
      hold(position, "select * from pgq_fleet.position for update");
      try (var command = command(way, "--yes", queue)) {
        awaitBlocked(destination, "for update");
        hold(consumer, "select * from pgq.consumer for update");
        position.rollback();
        awaitBlocked(source, "register_consumer_at");
        command.kill9();
        endBlockedBackends(source);
      }
    }
    awaitNoSession();
  }

  private void killBeforeTheCommit(String... arguments) throws SQLException {
    try (var lock = destination.connect()) {
      hold(lock, "select pg_advisory_xact_lock(42)");
      try (var command = command(arguments)) {
        awaitBlocked(destination, "commit");
        command.kill9();
        endBlockedBackends(destination);
      }
    }
    awaitNoSession();
  }

  private FleetProcess command(String... arguments) {
    return FleetProcess.ofModule("mover")
        .arguments(arguments)
        .arguments("--config", fleet.configFile().toString())
        .start();
  }

  private static void hold(Connection connection, String sql) throws SQLException {
    connection.setAutoCommit(false);
    try (var statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private static final String COMMANDS =
      " from pg_stat_activity where datname = current_database()"
          + " and application_name in ('pgq-fleet mover rewind', 'pgq-fleet mover skip')";

  private static void awaitBlocked(TestDatabase database, String statement) {
    Await.until(
        "the command to wait for a lock in \"" + statement + "\"",
        PATIENCE,
        () ->
            database.number(
                    "select count(*)"
                        + COMMANDS
                        + " and wait_event_type = 'Lock' and query ilike '%' || ? || '%'",
                    statement)
                > 0);
  }

  /** A backend does not notice that its client is gone while it waits for a lock. */
  private static void endBlockedBackends(TestDatabase database) {
    database.execute("select pg_terminate_backend(pid)" + COMMANDS);
  }

  private void awaitNoSession() {
    Await.until(
        "the command's sessions to end",
        PATIENCE,
        () ->
            source.number("select count(*)" + COMMANDS) == 0
                && destination.number("select count(*)" + COMMANDS) == 0);
  }

  private long consumer() {
    return source.number(
        "select sub_last_tick from pgq.subscription join pgq.consumer on co_id = sub_consumer"
            + " where co_name = ?",
        CONSUMER);
  }

  private long write(String data) {
    source.insertEvent(QUEUE, "t", data);
    return source.tick(QUEUE);
  }

  private void assertGoesOn() {
    write("later");
    fleet.awaitDrained(source);
    mover.await("health", () -> mover.health().isEmpty());
    assertThat(mover.positionsLost()).isZero();
  }
}
