package io.github.pgqfleet.mover;

import static io.github.pgqfleet.mover.TestFleet.PATIENCE;
import static io.github.pgqfleet.mover.TestFleet.QUEUE;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgqfleet.fixture.FleetProcess;
import io.github.pgqfleet.fixture.PgqServer;
import io.github.pgqfleet.fixture.PgqServerExtension;
import io.github.pgqfleet.fixture.TestDatabase;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** The command {@code mover drain}, with a mover in this process. */
@ExtendWith(PgqServerExtension.class)
class DrainIT {

  private TestDatabase source;
  private TestDatabase other;
  private TestDatabase destination;
  private TestFleet fleet;
  private String name;

  @BeforeEach
  void databases(PgqServer server, @TempDir Path directory) {
    source = server.newDatabase();
    other = server.newDatabase();
    destination = server.newDatabase();
    fleet = new TestFleet(directory, destination, source, other);
    name = fleet.queue(source).source().id();
  }

  @Test
  void emptiesAndStaysAwayUntilItIsReleased() throws Exception {
    try (var _ = RunningMover.of(fleet);
        var open = source.connect()) {
      fleet.awaitPosition(source);
      fleet.awaitPosition(other);
      source.insertEvent(QUEUE, "t", "before");
      // Open all the time: what it writes is not committed before the command begins.
      open.setAutoCommit(false);
      try (var statement = open.createStatement()) {
        statement.execute("select pgq.insert_event('orders', 't', 'open meanwhile')");
      }
      try (var drain = command("drain", name)) {
        drain.awaitLine("draining 1 databases", PATIENCE);
        source.tick(QUEUE);
        assertThat(drain.exitCode(PATIENCE)).isZero();
        assertThat(drain.output())
            .contains(name + ": drained, and no mover is there any more")
            .contains("`mover drain --release " + name + "` lets the movers go on");
      }
      open.commit();
      assertThat(sessions(source)).isZero();
      assertThat(sessions(other)).isPositive();
      try (var status = command("status")) {
        assertThat(status.exitCode(PATIENCE)).isZero();
        assertThat(status.output()).contains(name + ": drained").contains("drains=1 unreachable=0");
      }
      source.insertEvent(QUEUE, "t", "after");
      source.tick(QUEUE);
      other.insertEvent(QUEUE, "t", "of the other");
      fleet.awaitDrained(other);
      assertThat(fleet.arrived()).containsExactly("before", "of the other");
      try (var released = command("drain", "--release", "s0")) {
        assertThat(released.exitCode(PATIENCE)).isZero();
        assertThat(released.output()).contains(name + ": released");
      }
      fleet.awaitDrained(source);
    }
    assertThat(fleet.arrived()).containsExactly("open meanwhile", "after");
  }

  @Test
  void isNotDoneBeforeATickHasSeenWhatWasCommitted() throws Exception {
    try (var _ = RunningMover.of(fleet)) {
      fleet.awaitPosition(source);
      fleet.awaitDrained(source);
      source.insertEvent(QUEUE, "t", "not ticked");
      try (var drain = command("drain", "--timeout", "2s", "s0")) {
        assertThat(drain.exitCode(PATIENCE)).isEqualTo(1);
        assertThat(drain.output())
            .contains(name + ": not delivered yet: [orders]")
            .contains("not drained, still draining; `mover drain --release s0`");
      }
      assertThat(state()).isEqualTo("draining");
      try (var drain = command("drain", "s0")) {
        drain.awaitLine("draining 1 databases", PATIENCE);
        source.tick(QUEUE);
        assertThat(drain.exitCode(PATIENCE)).isZero();
      }
      assertThat(state()).isEqualTo("drained");
    }
    assertThat(fleet.arrived()).containsExactly("not ticked");
  }

  @Test
  void saysThatNoMoverRuns() {
    source.registerConsumer(QUEUE, TestFleet.CONSUMER);
    source.insertEvent(QUEUE, "t", "a");
    try (var drain = command("drain", "s0")) {
      assertThat(drain.exitCode(PATIENCE)).isEqualTo(1);
      assertThat(drain.output()).contains("no mover runs, so nothing is delivered");
    }
  }

  @Test
  void namesWhatIsNotKnownOrNotReachable() {
    try (var drain = command("drain", "s7")) {
      assertThat(drain.exitCode(PATIENCE)).isEqualTo(2);
      assertThat(drain.output()).contains("\"s7\": the configuration has no such server");
    }
    try (var drain = command("drain", "s0/elsewhere")) {
      assertThat(drain.exitCode(PATIENCE)).isEqualTo(2);
      assertThat(drain.output()).contains("\"s0/elsewhere\": the configuration has no such data");
    }
    assertThat(destination.number("select count(*) from pgq_fleet.drain")).isZero();
    fleet.connectAs("nobody_of_this_name", destination.user());
    try (var drain = command("drain", "s0")) {
      assertThat(drain.exitCode(PATIENCE)).isEqualTo(1);
      assertThat(drain.output()).contains("cannot connect to " + name).contains("still draining");
    }
  }

  private String state() {
    return destination.string("select state from pgq_fleet.drain where source = ?", name);
  }

  private static long sessions(TestDatabase database) {
    return database.number(
        "select count(*) from pg_stat_activity"
            + " where application_name like 'pgq-fleet mover %' and datname = current_database()");
  }

  private FleetProcess command(String... arguments) {
    return FleetProcess.ofModule("mover")
        .arguments(arguments)
        .arguments("--config", fleet.configFile().toString())
        .start();
  }
}
