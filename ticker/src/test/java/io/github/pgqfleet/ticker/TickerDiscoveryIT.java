package io.github.pgqfleet.ticker;

import static io.github.pgqfleet.ticker.TestFleet.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgqfleet.fixture.AdminPages;
import io.github.pgqfleet.fixture.Await;
import io.github.pgqfleet.fixture.FleetProcess;
import io.github.pgqfleet.fixture.PgqServerExtension;
import io.github.pgqfleet.fixture.PrivateCluster;
import io.github.pgqfleet.fixture.TestDatabase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Databases that come and go while the ticker runs, found by a pattern. */
@ExtendWith(PgqServerExtension.class)
class TickerDiscoveryIT {

  private final PrivateCluster cluster;
  private final Path config;

  TickerDiscoveryIT(PrivateCluster cluster, @TempDir Path directory)
      throws SQLException, IOException {
    this.cluster = cluster;
    cluster.createDatabase("lookup");
    var first = database("app_1");
    var destination = database("central");
    this.config = new TestFleet(directory, first, destination).configFile();
    Files.writeString(
        config,
        Files.readString(config)
            .replace("databases = [\"app_1\"]", "databases = [\"app_*\"], lookup-database = lookup")
            .replace("fleet {", "fleet {\n  discovery-period = 1s"));
  }

  @Test
  void ticksWhatAppearsAndLetsGoWhatVanishes() throws SQLException {
    try (var ticker = start()) {
      ticker.awaitLine("s0/app_1 event=leading", PATIENCE);
      var second = database("app_2");
      ticker.awaitLine("s0/app_2 event=leading", PATIENCE);
      awaitTicks(second);

      cluster.dropDatabase("app_1");
      ticker.awaitLine("s0/app_1 event=vanished", PATIENCE);
      Await.until(
          "nobody to ask for the database any more",
          PATIENCE,
          () -> {
            var said = ticker.output().length();
            awaitTicks(second);
            return !ticker.output().substring(said).contains("app_1");
          });
    }
  }

  @Test
  void showsMetricsOfADatabaseAsLongAsItIsThere() throws SQLException, IOException {
    Files.writeString(
        config,
        Files.readString(config)
            .replace("admin.enabled = false", "admin.port = 0, alarms.period = 1s"));
    try (var ticker = start();
        var pages = AdminPages.of(ticker)) {
      var series = "{database=\"app_1\",server=\"s0\"}";
      Await.until(
          "the database to be led and watched",
          PATIENCE,
          () -> pages.samples().containsKey("pgq_ticker_rotation_overdue_seconds" + series));
      assertThat(pages.samples())
          .containsEntry("pgq_ticker_leads" + series, 1.0)
          .containsEntry("pgq_ticker_retry_queue_events" + series, 0.0)
          .hasEntrySatisfying(
              "pgq_ticker_silence_seconds" + series, s -> assertThat(s).isBetween(0.0, 60.0))
          .hasEntrySatisfying(
              "pgq_ticker_tick_age_seconds" + series, s -> assertThat(s).isBetween(0.0, 60.0))
          .hasEntrySatisfying(
              "pgq_ticker_rotation_overdue_seconds" + series, s -> assertThat(s).isNegative());

      cluster.dropDatabase("app_1");
      Await.until(
          "nothing of the database to be shown",
          PATIENCE,
          () -> pages.samples().keySet().stream().noneMatch(name -> name.contains("app_1")));
      assertThat(pages.samples())
          .containsEntry("pgq_ticker_leads{database=\"central\",server=\"destination\"}", 1.0);
    }
  }

  @Test
  void dropsNothingWhenItCannotLook() {
    var first = TestDatabase.at(cluster.jdbcUrl("app_1"));
    var postgres = TestDatabase.at(cluster.jdbcUrl("postgres"));
    try (var ticker = start()) {
      ticker.awaitLine("s0/app_1 event=leading", PATIENCE);
      postgres.execute("alter database lookup allow_connections false");
      ticker.awaitLine("discovery s0 event=failed .*lookup", PATIENCE);
      awaitTicks(first);
      assertThat(ticker.output()).doesNotContain("event=vanished");

      postgres.execute("alter database lookup allow_connections true");
      ticker.awaitLine("discovery s0 event=recovered", PATIENCE);
      awaitTicks(first);
    }
  }

  private FleetProcess start() {
    return FleetProcess.ofModule("ticker").arguments("run", "--config", config.toString()).start();
  }

  private TestDatabase database(String name) throws SQLException {
    var database = cluster.createPgqDatabase(name);
    database.createQueue("orders");
    database.execute("select pgq.set_queue_config('orders', 'ticker_max_lag', '1 ms')");
    database.execute("select pgq.set_queue_config('orders', 'ticker_idle_period', '1 ms')");
    return database;
  }

  private static void awaitTicks(TestDatabase database) {
    var before = ticks(database);
    Await.until("more ticks", PATIENCE, () -> ticks(database) >= before + 3);
  }

  private static long ticks(TestDatabase database) {
    return database.number("select max(tick_id) from pgq.tick");
  }
}
