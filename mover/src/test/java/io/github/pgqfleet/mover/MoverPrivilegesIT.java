package io.github.pgqfleet.mover;

import static io.github.pgqfleet.mover.TestFleet.PATIENCE;
import static io.github.pgqfleet.mover.TestFleet.QUEUE;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgqfleet.fixture.FleetProcess;
import io.github.pgqfleet.fixture.OnEachServer;
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
@OnEachServer
class MoverPrivilegesIT {

  private TestDatabase source;
  private TestDatabase destination;
  private TestFleet fleet;
  private String reader;
  private String admin;
  private String plain;

  @BeforeEach
  void roles(PgqServer server, @TempDir Path directory) {
    source = server.newDatabase();
    destination = server.newDatabase();
    fleet = new TestFleet(directory, destination, source);
    reader = source.name() + "_reader";
    admin = source.name() + "_admin";
    plain = source.name() + "_plain";
    for (var role : new String[] {reader, admin, plain}) {
      source.execute("create role %s login password '%s'".formatted(role, source.password()));
    }
    source.execute("grant pgq_reader to " + reader);
    source.execute("grant pgq_admin to " + admin);
    fleet.connectAs(reader, admin);
  }

  @AfterEach
  void dropRoles() {
    for (var role : new String[] {reader, admin, plain}) {
      destination.execute("drop owned by " + role);
      source.execute("drop role " + role);
    }
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
              "destination/%s: table pgq_fleet.position does not exist; run `mover provision`"
                  .formatted(destination.name()))
          .contains(
              lacks(reader, "usage on schema pgq_fleet"),
              lacks(reader, "select, insert, update on pgq_fleet.position"),
              lacks(reader, "execute on function pgq.current_event_table(text)"),
              lacks(reader, "insert on pgq.event_1_0, pgq.event_1_1, pgq.event_1_2"),
              lacks(reader, "usage on sequence pgq.event_1_id_seq"))
          .contains(
              "s0/%s: consumer \"pgq_fleet\" is not registered on queue \"orders\""
                  .formatted(source.name()))
          .contains("check: databases=2 problems=9");
    }
    assertThat(source.number("select count(*) from pgq.subscription")).isZero();
  }

  private String lacks(String role, String what) {
    return "destination/%s: role \"%s\" lacks %s; run `mover provision --grant-to %s`, or grant it pgq_admin"
        .formatted(destination.name(), role, what, role);
  }

  @Test
  void provisionGrantsExactlyWhatTheMoverNeeds() throws Exception {
    var operator = new Operator(fleet);
    fleet.connectAs(source.user(), destination.user());
    assertThat(operator.run("provision").exitCode()).isZero();
    fleet.connectAs(plain, plain);
    assertThat(operator.run("check").output())
        .contains(
            "s0/%s: role \"%s\" lacks pgq_reader; run `mover provision --grant-to %s`, or grant it"
                .formatted(source.name(), plain, plain))
        .contains("problems=8");

    fleet.connectAs(source.user(), destination.user());
    assertThat(operator.run("provision", "--dry-run", "--grant-to", plain).output())
        .contains(
            "grant usage on schema pgq_fleet to %s;\n".formatted(plain),
            "grant select, insert, update on pgq_fleet.position to %s;\n".formatted(plain),
            "grant select, insert, update, delete on pgq_fleet.mover to %s;\n".formatted(plain),
            "grant select, insert, update, delete on pgq_fleet.drain to %s;\n".formatted(plain),
            "grant execute on function pgq.current_event_table(text) to %s;\n".formatted(plain),
            "grant insert on pgq.event_1_0, pgq.event_1_1, pgq.event_1_2 to %s;\n".formatted(plain),
            "grant usage on sequence pgq.event_1_id_seq to %s;\n".formatted(plain),
            "grant pgq_reader to %s;\n".formatted(plain),
            "provision: missing=8 failed=0");
    assertThat(operator.run("provision", "--grant-to", plain).output())
        .contains("provision: created=8 failed=0");
    assertThat(operator.run("provision", "--grant-to", plain).output())
        .contains("provision: created=0 failed=0");
    assertThat(operator.run("provision", "--grant-to", admin).output())
        .contains("provision: created=0 failed=0");

    fleet.connectAs(plain, plain);
    assertThat(operator.run("check"))
        .isEqualTo(new Operator.Answer(0, "check: databases=2 problems=0\n"));
    try (var mover = RunningMover.of(fleet)) {
      // Once more than there are tables.
      for (int rotation = 0; rotation < 4; rotation++) {
        source.insertEvent(QUEUE, "t", "event " + rotation);
        fleet.awaitDrained(source);
        assertThat(fleet.arrived()).containsExactly("event " + rotation);
        rotateDestination();
      }
      assertThat(mover.health()).isEmpty();
      source.insertEvent(QUEUE, "t", "again");
      fleet.awaitDrained(source);
    }
    var tick = source.string("select min(tick_id) from pgq.tick");
    assertThat(operator.run("rewind", "--yes", "--to", tick, fleet.queueId(source)).output())
        .contains("moved=1 events=5 delivered_before=5 failed=0");
  }

  private void rotateDestination() {
    destination.execute("select pgq.set_queue_config('orders', 'rotation_period', '0')");
    var table = destination.string("select pgq.current_event_table('orders')");
    destination.execute("select pgq.maint_rotate_tables_step1('orders')");
    destination.execute("select pgq.maint_rotate_tables_step2()");
    destination.tick(QUEUE);
    assertThat(fleet.arrived()).isEmpty();
    assertThat(destination.string("select pgq.current_event_table('orders')")).isNotEqualTo(table);
  }

  @Test
  void grantsFollowAQueueThatIsNotThereYet() {
    fleet.connectAs(source.user(), destination.user());
    destination.execute("select pgq.drop_queue('orders', true)");
    var operator = new Operator(fleet);
    assertThat(operator.run("provision", "--dry-run", "--grant-to", plain).output())
        .contains("select pgq.create_queue('orders');")
        .contains(
            "-- insert on its event tables and usage on its event sequence, once it is there");
    assertThat(operator.run("provision", "--grant-to", plain).exitCode()).isZero();
    fleet.connectAs(plain, plain);
    assertThat(operator.run("check").exitCode()).isZero();
  }

  @Test
  void namesARoleThatDoesNotExist() {
    fleet.connectAs(source.user(), destination.user());
    assertThat(new Operator(fleet).run("provision", "--grant-to", "nobody_here"))
        .satisfies(
            answer -> {
              assertThat(answer.output()).contains("role \"nobody_here\" does not exist");
              assertThat(answer.exitCode()).isEqualTo(1);
            });
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
