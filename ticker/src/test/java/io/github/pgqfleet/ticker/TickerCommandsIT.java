package io.github.pgqfleet.ticker;

import static io.github.pgqfleet.ticker.TestFleet.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.pgqfleet.fixture.Await;
import io.github.pgqfleet.fixture.FleetProcess;
import io.github.pgqfleet.fixture.PgqServer;
import io.github.pgqfleet.fixture.PgqServerExtension;
import io.github.pgqfleet.fixture.PrivateCluster;
import io.github.pgqfleet.fixture.TestDatabase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** The commands, each as a process from the fat jar. */
@ExtendWith(PgqServerExtension.class)
class TickerCommandsIT {

  private final PgqServer server;
  @TempDir private Path directory;

  TickerCommandsIT(PgqServer server) {
    this.server = server;
  }

  /** What a command printed, and how it ended. */
  private record Result(int exitCode, String output) {}

  private static Result ticker(Path config, String... arguments) {
    var all = new ArrayList<>(Arrays.asList(arguments));
    all.addAll(List.of("--config", config.toString()));
    return ticker(all.toArray(String[]::new));
  }

  private static Result ticker(String... arguments) {
    try (var process = FleetProcess.ofModule("ticker").arguments(arguments).start()) {
      return new Result(process.exitCode(PATIENCE), process.output());
    }
  }

  @Test
  void helpExplainsEachCommand() {
    var help = ticker("--help");
    assertThat(help.exitCode()).isZero();
    assertThat(help.output())
        .contains("run", "once", "status", "check", "provision", "Exit codes", "--for 60s");
    assertThat(ticker("--version").output()).startsWith("pgq-fleet ticker ");
    assertThat(ticker("run", "--for", "soon").exitCode()).isEqualTo(2);
  }

  @Test
  void checkListsAllThatAHalfPreparedFleetLacksAndChangesNothing() {
    var half = server.newDatabase();
    var bare = server.newEmptyDatabase();
    var destination = server.newDatabase();
    half.createQueue("orders");
    half.execute("select pgq.set_queue_config('orders', 'ticker_max_lag', '7 s')");
    half.execute("select pgq.set_queue_config('orders', 'ticker_paused', 'true')");
    destination.createQueue("orders");
    destination.createQueue("audit");
    var config = new TestFleet(directory, half, bare, destination).queues("orders {}", "audit {}");

    var result = ticker(config.configFile(), "check");
    assertThat(result.exitCode()).isEqualTo(1);
    assertThat(result.output().lines())
        .anyMatch(l -> l.startsWith("s0/") && l.contains("queue audit does not exist"))
        .anyMatch(l -> l.startsWith("s0/") && l.contains("ticker_max_lag = 7s, configured is 3s"))
        .anyMatch(l -> l.startsWith("s0/") && l.contains("queue orders is paused"))
        .anyMatch(l -> l.startsWith("s1/") && l.contains("PgQ is not installed"))
        .anyMatch(l -> l.startsWith("s1/") && l.contains("queue orders does not exist"))
        .noneMatch(l -> l.startsWith("destination/"))
        .contains("check: databases=3 problems=6");
    assertThat(half.strings("select queue_name from pgq.queue")).containsExactly("orders");
  }

  @Test
  void checkNamesWhatTheRoleMayNot() {
    var database = server.newDatabase();
    database.createQueue("orders");
    database.execute("create role ticker_nobody login password 'secret-word'");
    try {
      var nobody =
          new TestDatabase(
              database.host(), database.port(), database.name(), "ticker_nobody", "secret-word");
      var result = ticker(new TestFleet(directory, nobody).configFile(), "check");
      assertThat(result.exitCode()).isEqualTo(1);
      assertThat(result.output())
          .contains("ticker_nobody may not tick", "grant pgq_admin to ticker_nobody")
          .contains("grant pg_read_all_stats to ticker_nobody")
          .doesNotContain("secret-word");
    } finally {
      database.execute("drop role ticker_nobody");
    }
  }

  @Test
  void provisionCreatesWhatIsMissingAndADryRunOnlySaysSo() {
    var source = server.newEmptyDatabase();
    var destination = server.newDatabase();
    destination.createQueue("orders");
    destination.execute("select pgq.set_queue_config('orders', 'ticker_paused', 'true')");
    var config =
        new TestFleet(directory, source, destination)
            .queues("orders { ticker-max-lag = 250ms }", "\"Odd 'name'\" { rotation-period = 1d }")
            .configFile();

    var dry = ticker(config, "provision", "--dry-run");
    assertThat(dry.exitCode()).as(dry.output()).isZero();
    assertThat(dry.output())
        .contains("create extension pgq;")
        .contains("select pgq.create_queue('Odd ''name''');")
        .contains("select pgq.set_queue_config('orders', 'ticker_max_lag', '0.25s');");
    assertThat(source.number("select count(*) from pg_extension where extname = 'pgq'")).isZero();
    assertThat(destination.number("select count(*) from pgq.queue")).isEqualTo(1);

    var done = ticker(config, "provision");
    assertThat(done.exitCode()).as(done.output()).isZero();
    for (var database : List.of(source, destination)) {
      assertThat(
              database.strings(
                  """
                  select concat_ws('|', queue_name, queue_ticker_max_count, queue_ticker_max_lag,
                                   queue_ticker_idle_period, queue_rotation_period)
                    from pgq.queue order by queue_name"""))
          .containsExactly(
              "Odd 'name'|500|00:00:03|00:01:00|24:00:00",
              "orders|500|00:00:00.25|00:01:00|02:00:00");
    }
    assertThat(ticker(config, "provision").output()).contains("created=0 failed=0");
    // Paused by somebody, and not ours to start.
    assertThat(destination.string("select queue_ticker_paused from pgq.queue where queue_id = 1"))
        .isEqualTo("t");
  }

  @Test
  void onceTicksAllItCanAndNamesEachDatabaseThatFailed() {
    var good = server.newDatabase();
    var bare = server.newEmptyDatabase();
    var destination = server.newDatabase();
    var led = server.newDatabase();
    for (var database : List.of(good, destination, led)) {
      database.createQueue("orders");
    }
    var gone = server.maintenanceDatabase().named("ticker_no_such_database");
    var fleet = new TestFleet(directory, good, bare, led, gone, destination);
    try (var running = server.maintenanceDatabase().named(led.name()).connect();
        var statement = running.createStatement()) {
      statement.execute(
          "select pg_advisory_lock(%d, %d)".formatted(Leadership.CLASS, Leadership.LEADER));
      var result = ticker(fleet.configFile(), "once");
      assertThat(result.exitCode()).isEqualTo(1);
      assertThat(result.output())
          .contains("s1/" + bare.name() + ": PgQ is not installed")
          .contains("s3/ticker_no_such_database")
          .contains("once: databases=5 led_by_another=1 ticks=2 failed=2");
    } catch (SQLException e) {
      throw new AssertionError(e);
    }
    assertThat(good.number("select count(*) from pgq.tick")).isEqualTo(2);
    assertThat(led.number("select count(*) from pgq.tick")).isEqualTo(1);

    var all = ticker(new TestFleet(directory, good, destination).configFile(), "once");
    assertThat(all.exitCode()).as(all.output()).isZero();
  }

  @Test
  void oneBadDatabaseOrServerIsNamedAndTheOthersAreTicked() throws IOException {
    var good = server.newDatabase();
    var bare = server.newEmptyDatabase();
    good.createQueue("orders");
    var config =
        Files.writeString(
            directory.resolve("mixed.conf"),
            Files.readString(new TestFleet(directory, bare, good).queues("orders {}").configFile())
                .replace(
                    "servers {",
                    """
                    servers {
                      down { host = "127.0.0.1", port = 1, databases = ["app_*"] }
                      unlisted { host = "127.0.0.1", port = 1, databases = [app] }"""));
    try (var process =
        FleetProcess.ofModule("ticker").arguments("run", "-c", config.toString()).start()) {
      process.awaitLine("ticker s0/" + bare.name() + ".*PgQ is not installed", PATIENCE);
      process.awaitLine("discovery down.*cannot connect", PATIENCE);
      process.awaitLine("ticker unlisted/app.*check that the server runs", PATIENCE);
      process.awaitLine("database=destination/" + good.name() + " event=leading", PATIENCE);
      process.terminate();
      assertThat(process.exitCode(PATIENCE)).isZero();
    }
    assertThat(good.number("select count(*) from pgq.tick")).isGreaterThanOrEqualTo(2);
  }

  @Test
  void aWrongPasswordIsNamedAndNotPrinted(PrivateCluster cluster) throws Exception {
    var good = TestDatabase.at(cluster.jdbcUrl("postgres"));
    good.installPgq();
    good.createQueue("orders");
    good.execute("create role guarded superuser login password 'right-word'");
    var hba = cluster.directory().resolve("data/pg_hba.conf");
    Files.writeString(hba, "host all guarded 127.0.0.1/32 scram-sha-256\n" + Files.readString(hba));
    good.execute("select pg_reload_conf()");
    cluster.createDatabase("app");
    var wrong = new TestDatabase(good.host(), good.port(), "app", "guarded", "wrong-word");
    Await.until(
        "the password to be asked for",
        PATIENCE,
        () -> {
          try (var unexpected = wrong.connect()) {
            return unexpected.isClosed();
          } catch (SQLException e) {
            return true;
          }
        });
    var fleet = new TestFleet(directory, wrong, good);
    for (var command : List.of("check", "once", "provision", "status")) {
      var result = ticker(fleet.configFile(), command);
      assertThat(result.exitCode()).as(command).isEqualTo(1);
      assertThat(result.output())
          .contains("s0/app")
          .contains("as guarded", "check the password")
          .doesNotContain("wrong-word");
    }
    assertThat(good.number("select count(*) from pgq.tick")).isEqualTo(2);
  }

  @Test
  void badConfigurationIsReportedAtOnceWithFileAndLine() throws IOException {
    var config =
        Files.writeString(
            directory.resolve("bad.conf"),
            """
            fleet {
              queues { orders { ticker-max-lag = -1s } }
              servers { db01 { host = h, databases = [a], password-file = /no/such/file } }
              destination { host = h, database = central, prot = 1 }
            }
            ticker {
              period = fast
              vacum = true
            }
            """);
    for (var command : List.of("run", "once", "check", "provision", "status")) {
      var result = ticker(config, command);
      assertThat(result.exitCode()).as(command).isEqualTo(2);
      assertThat(result.output())
          .contains("bad.conf:2: ", "bad.conf:3: ", "bad.conf:4: ", "bad.conf:7: ", "bad.conf:8: ");
    }
    var missing = ticker(directory.resolve("missing.conf"), "run");
    assertThat(missing.exitCode()).isEqualTo(2);
    assertThat(missing.output()).contains("missing.conf: no such file");
  }

  @Test
  void statusShowsTheWorstFirst() throws IOException {
    var ticked = server.newDatabase();
    var unticked = server.newDatabase();
    var bare = server.newEmptyDatabase();
    ticked.createQueue("orders");
    unticked.createQueue("orders");
    var fleet = new TestFleet(directory, unticked, bare, ticked);
    try (var running =
        FleetProcess.ofModule("ticker")
            .arguments(
                "run",
                "-c",
                new TestFleet(Files.createDirectory(directory.resolve("other")), ticked)
                    .configFile()
                    .toString())
            .start()) {
      running.awaitLine("event=leading", PATIENCE);
      var table = ticker(fleet.configFile(), "status");
      assertThat(table.exitCode()).isEqualTo(1);
      assertThat(table.output())
          .containsSubsequence(
              "s1/" + bare.name(), "s0/" + unticked.name(), "destination/" + ticked.name())
          .contains("pgq-fleet ticker@", "status: databases=3 unticked=1 unreachable=1");

      var json =
          new ObjectMapper().readTree(ticker(fleet.configFile(), "status", "--json").output());
      assertThat(json).hasSize(3);
      assertThat(json.get(2).path("leader").path("application").asText()).contains("ticker@");
      assertThat(json.get(2).path("queues").asInt()).isEqualTo(1);
      assertThat(json.get(1).has("leader")).isFalse();
    }
  }
}
