package io.github.pgqfleet.mover;

import static io.github.pgqfleet.mover.TestFleet.PATIENCE;
import static io.github.pgqfleet.mover.TestFleet.QUEUE;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgqfleet.fixture.FleetProcess;
import io.github.pgqfleet.fixture.PgqServer;
import io.github.pgqfleet.fixture.PgqServerExtension;
import io.github.pgqfleet.fixture.TestDatabase;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** The mover under the roles that the README grants it, and its commands under fewer. */
@ExtendWith(PgqServerExtension.class)
class MoverPrivilegesIT {

  private TestDatabase source;
  private TestDatabase destination;
  private TestFleet fleet;
  private String reader;
  private String admin;

  @BeforeEach
  void roles(PgqServer server, @TempDir Path directory) {
    source = server.newDatabase();
    destination = server.newDatabase();
    fleet = new TestFleet(directory, destination, source);
    reader = source.name() + "_reader";
    admin = source.name() + "_admin";
    for (var role : new String[] {reader, admin}) {
      source.execute("create role %s login password '%s'".formatted(role, source.password()));
    }
    source.execute("grant pgq_reader to " + reader);
    source.execute("grant pgq_admin to " + admin);
    fleet.connectAs(reader, admin);
  }

  @AfterEach
  void dropRoles() {
    source.execute("drop role " + reader);
    source.execute("drop role " + admin);
  }

  @Test
  void needsPgqReaderOnTheSourceAndPgqAdminOnTheDestination() throws Exception {
    var application = new MoverApplication(fleet.config(), MoverId.create());
    application.start();
    try {
      fleet.awaitPosition(source);
      source.insertEvent(QUEUE, "t", "a");
      fleet.awaitDrained(source);
      assertThat(application.health().problems()).isEmpty();
    } finally {
      application.stop(Duration.ofSeconds(10));
    }
    assertThat(fleet.arrived()).containsExactly("a");
  }

  @Test
  void checkNamesWhatIsMissingAndChangesNothing() {
    fleet.connectAs(admin, reader);
    destination.execute("drop schema pgq_fleet cascade");
    try (var check = command("check")) {
      assertThat(check.exitCode(PATIENCE)).isEqualTo(1);
      assertThat(check.output())
          .contains(
              "destination/%s: role %s may not copy events into destination queues; grant pgq_admin"
                  .formatted(destination.name(), reader))
          .contains(
              "destination/%s: table pgq_fleet.position does not exist; run `mover provision`"
                  .formatted(destination.name()))
          .contains(
              "s0/%s: consumer \"pgq_fleet\" is not registered on queue \"orders\""
                  .formatted(source.name()))
          .contains("check: databases=2 problems=3");
    }
    assertThat(source.number("select count(*) from pgq.subscription")).isZero();
  }

  @Test
  void provisionShowsItsSqlAndThenCreatesWhatIsMissing() {
    fleet.connectAs(source.user(), destination.user());
    destination.execute("drop schema pgq_fleet cascade");
    try (var dryRun = command("provision", "--dry-run")) {
      assertThat(dryRun.exitCode(PATIENCE)).isZero();
      assertThat(dryRun.output())
          .contains("create table if not exists pgq_fleet.position")
          .contains("select pgq.register_consumer('orders', 'pgq_fleet');")
          .contains("provision: missing=3 failed=0");
    }
    assertThat(destination.string("select to_regnamespace('pgq_fleet') is null")).isEqualTo("t");
    try (var provision = command("provision")) {
      assertThat(provision.exitCode(PATIENCE)).isZero();
      assertThat(provision.output()).contains("provision: created=3 failed=0");
    }
    assertThat(fleet.position(source)).isEqualTo("registering -");
    try (var again = command("provision")) {
      assertThat(again.exitCode(PATIENCE)).isZero();
      assertThat(again.output()).contains("provision: created=0 failed=0");
    }
    try (var check = command("check")) {
      assertThat(check.exitCode(PATIENCE)).isZero();
    }
  }

  @Test
  void provisionAddsWhatAnOlderVersionDidNotHave() {
    fleet.connectAs(source.user(), destination.user());
    try (var provision = command("provision")) {
      assertThat(provision.exitCode(PATIENCE)).isZero();
    }
    destination.execute("drop table pgq_fleet.mover; drop table pgq_fleet.drain");
    try (var check = command("check")) {
      assertThat(check.exitCode(PATIENCE)).isEqualTo(1);
      assertThat(check.output()).contains("table pgq_fleet.mover does not exist; run `mover");
    }
    try (var provision = command("provision")) {
      assertThat(provision.exitCode(PATIENCE)).isZero();
      assertThat(provision.output()).contains("provision: created=1 failed=0");
    }
    try (var check = command("check")) {
      assertThat(check.exitCode(PATIENCE)).isZero();
    }
    assertThat(fleet.position(source)).isEqualTo("registering -");
  }

  @Test
  void statusShowsWhatIsPending() {
    fleet.connectAs(source.user(), destination.user());
    try (var provision = command("provision")) {
      assertThat(provision.exitCode(PATIENCE)).isZero();
    }
    source.insertEvent(QUEUE, "t", "a");
    source.insertEvent(QUEUE, "t", "b");
    try (var status = command("status")) {
      assertThat(status.exitCode(PATIENCE)).isZero();
      assertThat(status.output())
          .containsPattern("s0/" + source.name() + "/orders +registering +[12] ")
          .contains("mover: queues=1 active=0 lost=0 led=0");
    }
    try (var status = command("status", "--json")) {
      assertThat(status.exitCode(PATIENCE)).isZero();
      assertThat(status.output())
          .contains("{\"queues\":[{\"queue\":\"s0/" + source.name() + "/orders\"");
    }
  }

  @Test
  void statusNamesALostPositionAndAnUnreachableDatabase() {
    fleet.connectAs(source.user(), destination.user());
    try (var provision = command("provision")) {
      assertThat(provision.exitCode(PATIENCE)).isZero();
    }
    destination.execute(
        "update pgq_fleet.position set state = 'active', tick_id = 99, tick_time = now(),"
            + " tick_event_seq = 1");
    try (var status = command("status")) {
      assertThat(status.exitCode(PATIENCE)).isZero();
      assertThat(status.output())
          .containsPattern("s0/" + source.name() + "/orders +lost ")
          .contains("lost=1");
    }
    destination.execute("alter database %s with allow_connections false".formatted(source.name()));
    try (var status = command("status")) {
      assertThat(status.exitCode(PATIENCE)).isEqualTo(1);
      assertThat(status.output())
          .contains("cannot connect to s0/" + source.name())
          .contains("unreachable=1");
    } finally {
      destination.execute("alter database %s with allow_connections true".formatted(source.name()));
    }
  }

  private FleetProcess command(String... arguments) {
    return FleetProcess.ofModule("mover")
        .arguments(arguments)
        .arguments("--config", fleet.configFile().toString())
        .start();
  }
}
