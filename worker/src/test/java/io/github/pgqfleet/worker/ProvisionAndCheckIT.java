package io.github.pgqfleet.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.pgqfleet.cli.Finding;
import io.github.pgqfleet.cli.FleetCli;
import io.github.pgqfleet.cli.Provisioning.Step;
import io.github.pgqfleet.config.ConfigFile;
import io.github.pgqfleet.fixture.OnEachServer;
import io.github.pgqfleet.fixture.PgqServer;
import io.github.pgqfleet.fixture.PgqServerExtension;
import io.github.pgqfleet.fixture.TestDatabase;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(PgqServerExtension.class)
@OnEachServer
class ProvisionAndCheckIT {

  private static final String SQL_HANDLER =
      "queues { orders { handler { type = sql, function = \"app.handle\" } } }";

  private final TestDatabase database;
  private final Path conf;
  private final WorkerFleet fleet;

  ProvisionAndCheckIT(TestDatabase database, @TempDir Path directory) throws IOException {
    this.database = database;
    this.fleet = new WorkerFleet(database, directory);
    this.conf = fleet.conf(SQL_HANDLER);
  }

  @Test
  void namesEverythingThatIsMissing() throws SQLException {
    assertThat(findings())
        .extracting(Finding::what)
        .containsExactly(
            "pgq_coop is not installed",
            "the SQL for failed events is not installed",
            "pgq_fleet.paused_queue is not installed",
            "consumer workers is not registered on queue orders",
            "queue orders: there is no function app.handle(bigint, timestamptz, bigint, integer,"
                + " text, text, text, text, text, text) that is not STRICT");
    assertThat(FleetCli.execute(new WorkerMain(), "check", "--config", conf.toString())).isOne();
  }

  @Test
  void changesNothingInADryRun() throws SQLException {
    var arguments = new String[] {"provision", "--dry-run", "--config", conf.toString()};
    assertThat(FleetCli.execute(new WorkerMain(), arguments)).isZero();

    assertThat(plan()).hasSize(4);
    assertThat(database.number("select count(*) from pgq.subscription")).isZero();
  }

  @Test
  void provisionsOnceAndIsThenContent() throws SQLException {
    database.execute("create schema app");
    database.execute(
        """
        create function app.handle(bigint, timestamptz, bigint, integer, text, text, text, text,
            text, text) returns void language sql as ''\
        """);

    fleet.provision(conf);
    fleet.provision(conf);

    assertThat(plan()).isEmpty();
    assertThat(findings()).isEmpty();
    assertThat(database.string("select pgq_coop.version()")).isEqualTo("pgq-fleet 1");
    assertThat(FleetCli.execute(new WorkerMain(), "check", "--config", conf.toString())).isZero();
    assertThat(FleetCli.execute(new WorkerMain(), "status", "--config", conf.toString())).isZero();
  }

  @Test
  void findsAnOlderRevisionOfItsSqlAndUpgradesIt() throws SQLException {
    fleet.provision(conf);
    database.execute(
        """
        create or replace function pgq_fleet.failed_events_revision() returns integer
        language sql immutable as 'select 0';
        drop function pgq_fleet.fail_events\
        """);
    assertThat(findings())
        .extracting(Finding::toString)
        .contains("the SQL for failed events is of an older release; run `worker provision`");
    assertThat(plan()).extracting(Step::what).containsExactly("upgrade the SQL for failed events");

    fleet.provision(conf);

    assertThat(plan()).isEmpty();
    assertThat(database.number("select count(*) from pg_proc where proname = 'fail_events'"))
        .isOne();
  }

  @Test
  void refusesAStrictFunctionWhichEventsWithANullColumnWouldPassBy() throws SQLException {
    database.execute("create schema app");
    database.execute(
        """
        create function app.handle(bigint, timestamptz, bigint, integer, text, text, text, text,
            text, text) returns void strict language sql as ''\
        """);
    fleet.provision(conf);

    assertThat(findings())
        .extracting(Finding::what)
        .singleElement()
        .asString()
        .startsWith("queue orders: there is no function app.handle(")
        .endsWith(") that is not STRICT");
  }

  @Test
  void leavesAnotherPgqCoopAlone() throws SQLException {
    database.execute("create schema pgq_coop");

    assertThat(plan())
        .extracting(Step::what)
        .containsExactly(
            "install the SQL for failed events",
            "install pgq_fleet.paused_queue",
            "register consumer workers on queue orders");
  }

  @Test
  void namesHandlersOutsideTheDatabaseThatAreNotThere() throws IOException, SQLException {
    fleet.createQueue("audit");
    try (var taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      var url = "http://127.0.0.1:" + taken.getLocalPort() + "/x";
      fleet.provision(
          fleet.conf(
              "queues { orders { handler { type = http, url = \"%s\" } }".formatted(url)
                  + ", audit { handler { type = command, command = [ sh, -c, true ] } } }"));
      assertThat(findings()).isEmpty();
    }
    fleet.conf(
        "queues { orders { handler { type = http, url = \"http://localhost:1/x\" } }"
            + ", audit { handler { type = command, command = [ /no/such/program ] } } }");

    assertThat(findings())
        .extracting(Finding::what)
        .containsExactly(
            "queue audit: there is no program /no/such/program here",
            "queue orders: cannot connect to http://localhost:1/x from here");
  }

  @Test
  void saysWhereToBeginWhenThereIsNoPgq(PgqServer server) throws SQLException {
    try (var connection = server.newEmptyDatabase().connect()) {
      assertThat(CheckCommand.inspect(connection, config()))
          .extracting(Finding::what)
          .containsExactly("PgQ is not installed");
      assertThatThrownBy(() -> ProvisionCommand.plan(connection, config()))
          .hasMessageContaining("ticker provision");
    }
  }

  private List<Finding> findings() throws SQLException {
    try (var connection = database.connect()) {
      return CheckCommand.inspect(connection, config());
    }
  }

  private List<Step> plan() throws SQLException {
    try (var connection = database.connect()) {
      return ProvisionCommand.plan(connection, config());
    }
  }

  private WorkerConfig config() {
    return ConfigFile.load(conf, WorkerConfig::read);
  }
}
