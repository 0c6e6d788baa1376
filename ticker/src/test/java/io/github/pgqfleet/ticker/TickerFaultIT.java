package io.github.pgqfleet.ticker;

import static io.github.pgqfleet.ticker.TestFleet.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgqfleet.fixture.Await;
import io.github.pgqfleet.fixture.FleetProcess;
import io.github.pgqfleet.fixture.PgqServer;
import io.github.pgqfleet.fixture.PgqServerExtension;
import io.github.pgqfleet.fixture.TestDatabase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Kills, hand-overs and sick servers, with processes from the fat jar. */
@ExtendWith(PgqServerExtension.class)
class TickerFaultIT {

  /** A tick each period, as long as somebody ticks; a loaded machine may miss a few. */
  private static final Duration LONGEST_GAP = Duration.ofMillis(2500);

  private static final String LEADING = "database=destination/.* event=leading";
  private static final String STANDBY = "database=destination/.* event=standby";

  private final TestDatabase database;
  private final TestFleet fleet;

  TickerFaultIT(PgqServer server, @TempDir Path directory) {
    this.database = server.newDatabase();
    this.fleet = new TestFleet(directory, server.newDatabase(), database);
    createQueueThatIsAlwaysDue(database);
  }

  @Test
  void theStandbyTakesOverWhenTheLeaderIsKilled() {
    try (var leader = start("run")) {
      leader.awaitLine(LEADING, PATIENCE);
      try (var standby = start("run")) {
        standby.awaitLine(STANDBY, PATIENCE);
        leader.kill9();
        standby.awaitLine(LEADING, PATIENCE);
        awaitTicks(5);
        assertThat(longestGap()).isLessThan(LONGEST_GAP);
        standby.terminate();
        assertThat(standby.exitCode(PATIENCE)).isZero();
      }
    }
  }

  @Test
  void theStandbyEndsTheSessionOfAFrozenLeader() {
    try (var frozen = start("run")) {
      frozen.awaitLine(LEADING, PATIENCE);
      try (var standby = start("run")) {
        standby.awaitLine(STANDBY, PATIENCE);
        frozen.freeze();
        standby.awaitLine("event=silent_leader_ended", PATIENCE);
        standby.awaitLine(LEADING, PATIENCE);
        awaitTicks(5);
        frozen.thaw();
        frozen.awaitLine("ticker destination/.*event=failed.*terminating connection", PATIENCE);
        frozen.awaitLine(STANDBY, PATIENCE);
        awaitTicks(5);
      }
    }
  }

  @Test
  void theDaemonMaintainsBesideTicking(@TempDir Path directory) {
    var source = database.named("postgres");
    database.execute("select pgq.set_queue_config('orders', 'rotation_period', '1 ms')");
    database.registerConsumer("orders", "reader");
    database.execute(
        """
        insert into pgq.retry_queue (ev_retry_after, ev_queue, ev_id, ev_time, ev_owner, ev_type)
        select now(), 1, id, now(), sub_id, 'again'
          from pgq.subscription, generate_series(1000001, 1000025) id""");
    var config =
        new TestFleet(directory, source, database)
            .lines("maintenance-period = 1s", "retry-period = 100ms")
            .configFile();
    try (var process =
        FleetProcess.ofModule("ticker").arguments("run", "-c", config.toString()).start()) {
      Await.until(
          "the retry queue to be empty",
          PATIENCE,
          () -> database.number("select count(*) from pgq.retry_queue") == 0);
      database.execute("select pgq.unregister_consumer('orders', 'reader')");
      Await.until(
          "a complete rotation",
          PATIENCE,
          () ->
              database.number(
                      "select count(*) from pgq.queue"
                          + " where queue_cur_table > 0 and queue_switch_step2 > queue_switch_step1")
                  == 1);
      assertThat(process.isRunning()).isTrue();
    }
  }

  @Test
  void aReloadTakesUpWhatIsNewAndARefusedOneChangesNothing() throws IOException {
    var config = fleet.configFile();
    var text = Files.readString(config);
    try (var process =
        FleetProcess.ofModule("ticker").arguments("run", "-c", config.toString()).start()) {
      process.awaitLine(LEADING, PATIENCE);
      Files.writeString(config, text.replace("period = 100ms", "period = fast"));
      process.reload();
      process.awaitLine("event=reload_refused.*ticker.period", PATIENCE);
      awaitTicks(3);

      var another = "servers { s9 { host = \"127.0.0.1\", port = 1, databases = [unreachable] }";
      Files.writeString(config, text.replace("servers {", another));
      process.reload();
      process.awaitLine("ticker s9/unreachable event=failed", PATIENCE);
      awaitTicks(3);
      process.terminate();
      assertThat(process.exitCode(PATIENCE)).isZero();
    }
    assertThat(longestGap()).isLessThan(LONGEST_GAP.multipliedBy(2));
  }

  @Test
  void runForEndsByItselfWhenNoNextStartComes() {
    try (var only = start("run", "--for", "5s")) {
      assertThat(only.exitCode(PATIENCE)).isZero();
      assertThat(only.output()).contains("event=left reason=no_standby_came");
    }
  }

  @Test
  void runForNamesWhatItCouldNotTickInItsExitCode(@TempDir Path directory) throws IOException {
    var gone = database.named("ticker_no_such_database");
    var config = new TestFleet(directory, gone, database).configFile();
    Files.writeString(
        config,
        Files.readString(config)
            .replace(
                "servers {",
                "servers { down { host = \"127.0.0.1\", port = 1, databases = [\"app_*\"] }"));
    try (var process =
        FleetProcess.ofModule("ticker")
            .arguments("run", "--for", "5s", "-c", config.toString())
            .start()) {
      assertThat(process.exitCode(PATIENCE)).isEqualTo(1);
      assertThat(process.output().lines())
          .anyMatch(l -> l.startsWith("s0/ticker_no_such") && l.contains("does not exist"))
          .anyMatch(l -> l.startsWith("discovery down: cannot connect"));
    }
  }

  private FleetProcess start(String... arguments) {
    return FleetProcess.ofModule("ticker")
        .arguments(arguments)
        .arguments("--config", fleet.configFile().toString())
        .start();
  }

  private static void createQueueThatIsAlwaysDue(TestDatabase database) {
    database.createQueue("orders");
    database.execute("select pgq.set_queue_config('orders', 'ticker_max_lag', '1 ms')");
    database.execute("select pgq.set_queue_config('orders', 'ticker_idle_period', '1 ms')");
  }

  private void awaitTicks(int more) {
    awaitTicksOf(database, more);
  }

  private static void awaitTicksOf(TestDatabase database, int more) {
    var before = ticks(database);
    Await.until(more + " more ticks", PATIENCE, () -> ticks(database) >= before + more);
  }

  private static long ticks(TestDatabase database) {
    return database.number("select max(tick_id) from pgq.tick");
  }

  /** Between two ticks, from the first that a ticker made. */
  private Duration longestGap() {
    return Duration.ofMillis(
        database.number(
            """
            select extract(epoch from max(gap)) * 1000
              from (select tick_time - lag(tick_time) over (order by tick_id) as gap
                      from pgq.tick where tick_id > 1) gaps"""));
  }
}
