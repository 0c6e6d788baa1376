package io.github.pgqfleet.ticker;

import static io.github.pgqfleet.ticker.TestFleet.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgqfleet.fixture.Await;
import io.github.pgqfleet.fixture.FleetProcess;
import io.github.pgqfleet.fixture.PgqServerExtension;
import io.github.pgqfleet.fixture.PrivateCluster;
import io.github.pgqfleet.fixture.TestDatabase;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
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
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/**
 * One of two servers is sick, in different ways: it is named, the other's ticks go on, and it
 * recovers without a restart of the ticker.
 */
@ExtendWith(PgqServerExtension.class)
@Execution(ExecutionMode.CONCURRENT)
class SickServerFaultIT {

  private static final String SICK = "s0/app";

  private final PrivateCluster cluster;
  private final TestDatabase sick;
  private final TestDatabase well;
  private final Path directory;
  private final TestFleet fleet;
  private final HttpClient http = HttpClient.newHttpClient();

  SickServerFaultIT(PrivateCluster cluster, PrivateCluster other, @TempDir Path directory)
      throws SQLException {
    this.cluster = cluster;
    this.sick = cluster.createPgqDatabase("app");
    this.well = other.createPgqDatabase("central");
    this.directory = directory;
    createQueueThatIsAlwaysDue(sick);
    createQueueThatIsAlwaysDue(well);
    this.fleet = new TestFleet(directory, sick, well).lines("admin { enabled = true, port = 0 }");
  }

  @AfterEach
  void closeHttp() {
    http.close();
  }

  @BeforeEach
  void endLongWaitsSoon() throws IOException {
    var config = fleet.configFile();
    Files.writeString(
        config,
        Files.readString(config)
            .replace("socket-timeout = 20s", "socket-timeout = 3s, statement-timeout = 2s"));
  }

  @Test
  void frozen() {
    try (var ticker = start()) {
      cluster.freeze();
      awaitHealth(ticker, 503, "ticks " + SICK + ": not ticked since");
      awaitTicks(well, 20);
      cluster.thaw();
      awaitTicks(sick, 3);
      awaitHealth(ticker, 200, "ok");
    }
  }

  @Test
  void restarted() {
    try (var ticker = start()) {
      cluster.restartImmediate();
      ticker.awaitLine("ticker " + SICK + " event=failed", PATIENCE);
      awaitTicks(well, 5);
      awaitTicks(sick, 3);
      awaitHealth(ticker, 200, "ok");
    }
  }

  @Test
  void stopped() {
    try (var ticker = start()) {
      cluster.kill9();
      awaitHealth(ticker, 503, "check that the server runs");
      awaitTicks(well, 20);
      cluster.start();
      awaitTicks(sick, 3);
      awaitHealth(ticker, 200, "ok");
    }
  }

  @Test
  void outOfConnections() throws SQLException {
    var taken = new ArrayList<Connection>();
    try (var ticker = start()) {
      try (var killer = cluster.connect("postgres")) {
        Await.until(
            "the ticker to be refused",
            PATIENCE,
            () -> {
              takeAll(taken);
              endTickers(killer);
              return ticker.output().contains("raise max_connections");
            });
        awaitHealth(ticker, 503, "raise max_connections");
        awaitTicks(well, 5);
        closeAll(taken);
      }
      awaitTicks(sick, 3);
      awaitHealth(ticker, 200, "ok");
    } finally {
      closeAll(taken);
    }
  }

  @Test
  void withAChangedPassword() throws IOException {
    sick.execute("create role guarded login password 'old-word' in role pgq_admin, pg_monitor");
    var hba = cluster.directory().resolve("data/pg_hba.conf");
    Files.writeString(hba, "host all guarded 127.0.0.1/32 scram-sha-256\n" + Files.readString(hba));
    sick.execute("select pg_reload_conf()");
    var passwordFile = Files.writeString(directory.resolve("secret"), "old-word\n");
    var config = fleet.configFile();
    Files.writeString(
        config,
        Files.readString(config)
            .replaceFirst(
                "user = postgres,", "user = guarded, password-file = \"" + passwordFile + "\","));
    try (var ticker = start(config)) {
      sick.execute("alter role guarded password 'new-word'");
      sick.execute(
          "select pg_terminate_backend(pid) from pg_stat_activity where usename = 'guarded'");
      awaitHealth(ticker, 503, "check the password");
      awaitTicks(well, 5);
      Files.writeString(passwordFile, "new-word\n");
      awaitTicks(sick, 3);
      awaitHealth(ticker, 200, "ok");
      assertThat(ticker.output()).doesNotContain("old-word").doesNotContain("new-word");
    }
  }

  private FleetProcess start() {
    return start(directory.resolve("fleet.conf"));
  }

  private FleetProcess start(Path config) {
    var ticker =
        FleetProcess.ofModule("ticker").arguments("run", "--config", config.toString()).start();
    awaitTicks(well, 3);
    awaitTicks(sick, 3);
    return ticker;
  }

  private void awaitHealth(FleetProcess ticker, int code, String text) {
    var line = ticker.awaitLine("event=admin_listening address=", PATIENCE);
    var address = line.substring(line.lastIndexOf('/') + 1);
    var request = HttpRequest.newBuilder(URI.create("http://" + address + "/healthz")).build();
    Await.value(
        "health " + code + " with \"" + text + "\"",
        PATIENCE.multipliedBy(2),
        () -> {
          var response = http.send(request, BodyHandlers.ofString());
          return response.statusCode() + " " + response.body();
        },
        answer -> answer.startsWith(code + " ") && answer.contains(text));
  }

  private void takeAll(List<Connection> taken) {
    try {
      while (true) {
        taken.add(cluster.connect("app"));
      }
    } catch (SQLException e) {
      assertThat(e.getSQLState()).isEqualTo("53300");
    }
  }

  private static void endTickers(Connection killer) throws SQLException {
    try (var statement = killer.createStatement()) {
      statement.execute(
          "select pg_terminate_backend(pid) from pg_stat_activity"
              + " where application_name like 'pgq-fleet ticker%'");
    }
  }

  private static void closeAll(List<Connection> connections) throws SQLException {
    for (var connection : connections) {
      connection.close();
    }
    connections.clear();
  }

  private static void createQueueThatIsAlwaysDue(TestDatabase database) {
    database.createQueue("orders");
    database.execute("select pgq.set_queue_config('orders', 'ticker_max_lag', '1 ms')");
    database.execute("select pgq.set_queue_config('orders', 'ticker_idle_period', '1 ms')");
  }

  private static void awaitTicks(TestDatabase database, int more) {
    var before = ticks(database);
    Await.until(more + " more ticks", PATIENCE, () -> ticks(database) >= before + more);
  }

  private static long ticks(TestDatabase database) {
    return database.number("select max(tick_id) from pgq.tick");
  }
}
