package io.github.pgqfleet.ticker;

import static io.github.pgqfleet.ticker.TestFleet.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgqfleet.fixture.FleetProcess;
import io.github.pgqfleet.fixture.PgqServerExtension;
import io.github.pgqfleet.fixture.PrivateCluster;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/**
 * The starts of a cron job, closer together: they hand over, come late, hang and are killed. What
 * counts is what the database saw, a tick each period from one session at a time.
 */
@ExtendWith(PgqServerExtension.class)
@Execution(ExecutionMode.CONCURRENT)
class TickerHandOverFaultIT {

  private static final Duration PERIOD = Duration.ofSeconds(1);
  private static final Duration HANDED_OVER = PERIOD.multipliedBy(2);
  private static final Duration KILLED = PERIOD.multipliedBy(3);

  /** Three periods as well, and what a loaded machine may add. */
  private static final Duration FROZEN = PERIOD.multipliedBy(3).plusMillis(500);

  /** How long a start leads that the next must find leading; only the next's start-up counts. */
  private static final String UNTIL_THE_NEXT_STANDS_BY = "15s";

  private static final String LEADING = "database=destination/.* event=leading";
  private static final String STANDBY = "database=destination/.* event=standby";
  private static final String ENDED_SILENT = "database=destination/.* event=silent_leader_ended";

  private final TestFleet fleet;
  private final TickAudit audit;

  TickerHandOverFaultIT(PrivateCluster cluster, @TempDir Path directory) throws SQLException {
    var database = cluster.createPgqDatabase("central");
    TickAudit.createQueueThatIsAlwaysDue(database, "orders");
    this.audit = TickAudit.of(database);
    this.fleet =
        new TestFleet(directory, cluster.createPgqDatabase("app"), database).lines("period = 1s");
  }

  @Test
  void eachStartHandsOverToTheNextWithoutAGap() {
    try (var first = start(UNTIL_THE_NEXT_STANDS_BY)) {
      first.awaitLine(LEADING, PATIENCE);
      // Started early, so it must last long enough to take over.
      try (var second = start("30s")) {
        second.awaitLine(STANDBY, PATIENCE);
        assertThat(first.exitCode(PATIENCE)).isZero();
        assertThat(first.output()).contains("event=handed_over");
        second.awaitLine(LEADING, PATIENCE);
        try (var third = start("60s")) {
          assertThat(second.exitCode(PATIENCE)).isZero();
          third.awaitLine(LEADING, PATIENCE);
          audit.awaitTicks(3);
          third.terminate();
          assertThat(third.exitCode(PATIENCE)).isZero();
        }
      }
    }
    assertHandedOver(2, HANDED_OVER);
  }

  @Test
  void goesOnUntilTheNextStartComesLate() {
    try (var first = start("8s")) {
      first.awaitLine("event=lifetime_over", PATIENCE);
      audit.awaitTicks(2);
      assertThat(first.isRunning()).isTrue();
      try (var late = start("60s")) {
        assertThat(first.exitCode(PATIENCE)).isZero();
        assertThat(first.output()).contains("event=handed_over");
        late.awaitLine(LEADING, PATIENCE);
        audit.awaitTicks(3);
      }
    }
    assertHandedOver(1, HANDED_OVER);
  }

  @Test
  void theNextStartTakesOverFromOneThatHangsWhileItLeads() {
    try (var hung = start("30s")) {
      hung.awaitLine(LEADING, PATIENCE);
      try (var next = start("60s")) {
        next.awaitLine(STANDBY, PATIENCE);
        audit.awaitTicks(2);
        hung.freeze();
        next.awaitLine(ENDED_SILENT, PATIENCE);
        next.awaitLine(LEADING, PATIENCE);
        audit.awaitTicks(3);
        hung.thaw();
        assertThat(hung.exitCode(PATIENCE)).isIn(0, 1);
        audit.awaitTicks(3);
        assertThat(next.isRunning()).isTrue();
      }
    }
    assertHandedOver(1, FROZEN);
  }

  @Test
  void aWorkingStartTakesOverThoughAnotherHangsWhileItStandsBy() {
    try (var first = start(UNTIL_THE_NEXT_STANDS_BY)) {
      first.awaitLine(LEADING, PATIENCE);
      try (var hung = start("15s")) {
        hung.awaitLine(STANDBY, PATIENCE);
        hung.freeze();
        try (var working = start("60s")) {
          assertThat(first.exitCode(PATIENCE)).isZero();
          working.awaitLine(LEADING, PATIENCE);
          audit.awaitTicks(3);
          hung.thaw();
          assertThat(hung.exitCode(PATIENCE)).isIn(0, 1);
          audit.awaitTicks(3);
        }
      }
    }
    assertHandedOver(1, HANDED_OVER);
  }

  @Test
  void goesOnWhileTheOnlyOneThatStandsByHangs() {
    try (var first = start(UNTIL_THE_NEXT_STANDS_BY)) {
      first.awaitLine(LEADING, PATIENCE);
      try (var hung = start("15s")) {
        hung.awaitLine(STANDBY, PATIENCE);
        hung.freeze();
        first.awaitLine("event=lifetime_over", PATIENCE);
        audit.awaitTicks(3);
        try (var working = start("60s")) {
          working.awaitLine(LEADING, PATIENCE);
          audit.awaitTicks(3);
        }
      }
    }
    assertHandedOver(1, HANDED_OVER);
  }

  @Test
  void theOneThatStandsByTakesOverWhenTheLeaderIsKilled() {
    try (var first = start("60s")) {
      first.awaitLine(LEADING, PATIENCE);
      try (var next = start("60s")) {
        next.awaitLine(STANDBY, PATIENCE);
        audit.awaitTicks(2);
        first.kill9();
        next.awaitLine(LEADING, PATIENCE);
        audit.awaitTicks(3);
      }
    }
    assertHandedOver(1, KILLED);
  }

  private FleetProcess start(String length) {
    return FleetProcess.ofModule("ticker")
        .arguments("run", "--for", length, "--config", fleet.configFile().toString())
        .start();
  }

  private void assertHandedOver(int times, Duration longestGap) {
    System.out.println(audit);
    assertThat(audit.overlaps()).as("%s", audit).isEmpty();
    assertThat(audit.handOvers()).as("%s", audit).isEqualTo(times);
    assertThat(audit.longestGap()).as("%s", audit).isLessThanOrEqualTo(longestGap);
  }
}
