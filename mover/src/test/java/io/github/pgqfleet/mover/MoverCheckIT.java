package io.github.pgqfleet.mover;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgqfleet.fixture.OnEachServer;
import io.github.pgqfleet.fixture.PgqServer;
import io.github.pgqfleet.fixture.PgqServerExtension;
import io.github.pgqfleet.fixture.TestDatabase;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** What {@code mover check} finds that would bite later. */
@ExtendWith(PgqServerExtension.class)
@OnEachServer
class MoverCheckIT {

  private TestDatabase maintenance;
  private TestDatabase source;
  private TestDatabase destination;
  private TestFleet fleet;
  private Operator operator;
  private String role;

  @BeforeEach
  void provision(PgqServer server, @TempDir Path directory) {
    maintenance = server.maintenanceDatabase();
    source = server.newDatabase();
    destination = server.newDatabase();
    fleet = new TestFleet(directory, destination, source);
    operator = new Operator(fleet);
    role = source.name() + "_mover";
    maintenance.execute("create role %s login password '%s'".formatted(role, source.password()));
    assertThat(operator.run("provision", "--grant-to", role).exitCode()).isZero();
    fleet.connectAs(role, role);
  }

  @AfterEach
  void dropRole() {
    destination.execute("drop owned by " + role);
    maintenance.execute("drop role " + role);
  }

  @Test
  void limitsThatAreTooLow() {
    maintenance.execute("alter role %s connection limit 9".formatted(role));
    maintenance.execute("alter database %s connection limit 1".formatted(source.name()));
    // Eight for large batches, one a route and one for all, and one for heartbeats at the
    // destination;
    // one to lead and two to move in the source, on the same server.
    assertThat(operator.run("check").output())
        .contains(
            "destination/%s: the mover opens up to 14 connections there, but its role allows 9; raise the role's connection limit, or lower mover."
                .formatted(destination.name()))
        .contains(
            "s0/%s: the mover opens up to 3 connections there, but this database allows 1; raise"
                .formatted(source.name()))
        .contains("problems=2");
    maintenance.execute("alter role %s connection limit 14".formatted(role));
    maintenance.execute("alter database %s connection limit 3".formatted(source.name()));
    assertThat(operator.run("check").exitCode()).isZero();
    var all = Integer.parseInt(maintenance.string("show max_connections"));
    assertThat(new Operator(fleet, "destination-connections = " + (all - 5)).run("check").output())
        .contains(
            "the mover opens up to %d connections there, but its server allows %d; raise max_connections"
                .formatted(all + 1, all - 3));
  }

  @Test
  void encodingsThatDoNotConvert(@TempDir Path directory) {
    var latin = maintenance.named(source.name() + "_latin");
    maintenance.execute(
        "create database %s encoding 'LATIN1' locale 'C' template template0"
            .formatted(latin.name()));
    try {
      latin.installPgq();
      assertThat(new Operator(new TestFleet(directory, latin, source)).run("check").output())
          .contains(
              "s0/%s: encoding UTF8 does not convert to the destination's LATIN1: a queue would stop at the first event that it lacks; make the destination's encoding UTF8"
                  .formatted(source.name()));
      fleet.addSource(latin);
      assertThat(operator.run("check").output())
          .contains("s1/%s: consumer \"pgq_fleet\" is not registered".formatted(latin.name()))
          .doesNotContain("encoding");
    } finally {
      maintenance.execute("drop database %s with (force)".formatted(latin.name()));
    }
    assertThat(Inspection.encodings("SQL_ASCII", "UTF8")).hasSize(1);
    assertThat(Inspection.encodings("SQL_ASCII", "SQL_ASCII")).isEmpty();
    assertThat(Inspection.encodings("WIN1252", "LATIN1")).hasSize(1);
    assertThat(Inspection.encodings("WIN1252", "SQL_ASCII")).isEmpty();
  }

  @Test
  void asynchronousCommitsOfARoleOrADatabaseAreOverridden() throws Exception {
    maintenance.execute("alter role %s set synchronous_commit = off".formatted(role));
    maintenance.execute(
        "alter database %s set synchronous_commit = off".formatted(destination.name()));
    assertThat(operator.run("check").exitCode()).isZero();
    // As through a pooler that drops the options with which our sessions start.
    try (var plain = destination.connect()) {
      assertThat(Inspection.durability(plain))
          .singleElement()
          .asString()
          .startsWith("synchronous_commit is off, although our session asks for on");
    }
  }
}
