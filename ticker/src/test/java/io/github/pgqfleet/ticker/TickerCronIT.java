package io.github.pgqfleet.ticker;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgqfleet.fixture.Await;
import io.github.pgqfleet.fixture.Cron;
import io.github.pgqfleet.fixture.PgqServerExtension;
import io.github.pgqfleet.fixture.PrivateCluster;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** What deploy/cron ships, under a real cron. */
@ExtendWith(PgqServerExtension.class)
@Execution(ExecutionMode.CONCURRENT)
class TickerCronIT {

  private static final Duration LONGEST_GAP = Duration.ofSeconds(2);

  /** For a longer look than a build has time for: {@code -Dticker.cron.starts=7}. */
  private static final int STARTS = Integer.getInteger("ticker.cron.starts", 3);

  /** Each at the beginning of a minute, and then some. */
  private static final Duration ALL_STARTS = Duration.ofMinutes(STARTS + 1);

  private final List<TickAudit> audits;
  private final ShippedCron shipped;
  private final Path cache;
  private final Path log;

  TickerCronIT(PrivateCluster cluster, @TempDir Path directory) throws SQLException {
    var source = cluster.createPgqDatabase("app");
    var destination = cluster.createPgqDatabase("central");
    TickAudit.createQueueThatIsAlwaysDue(source, "orders");
    TickAudit.createQueueThatIsAlwaysDue(destination, "orders");
    this.audits = List.of(TickAudit.of(source), TickAudit.of(destination));
    var fleet = new TestFleet(directory, source, destination).lines("period = 1s");
    this.cache = fleet.configFile().resolveSibling("ticker.aot");
    this.log = directory.resolve("ticker.log");
    this.shipped = ShippedCron.in(directory);
  }

  @Test
  void eachMinuteHandsOverToTheNextWithoutAGapAndWithoutOverlap() throws Exception {
    runShell(shipped.training(), log);
    assertThat(cache).as(log()).isNotEmptyFile();
    Files.delete(log);
    audits.forEach(TickAudit::restart);
    try (var cron = Cron.start(shipped.evenAndOdd())) {
      Await.until(
          "start " + STARTS + " to lead everywhere; " + cron,
          ALL_STARTS,
          () -> audits.stream().allMatch(a -> a.handOvers() >= STARTS - 1));
      audits.forEach(a -> a.awaitTicks(3));
      assertThat(cron.starts()).as("%s", cron).isBetween(STARTS, STARTS + 1);
    }
    assertThat(log()).contains("event=handed_over").doesNotContain("[aot]", "[cds]");
    for (var audit : audits) {
      System.out.println(audit);
      assertThat(audit.overlaps()).as("%s", audit).isEmpty();
      assertThat(audit.longestGap()).as("%s", audit).isLessThanOrEqualTo(LONGEST_GAP);
    }
  }

  @Test
  void startsWithoutACacheToo() throws Exception {
    runShell(shipped.command().replace("--for 60s", "--for 4s"), log);
    assertThat(log()).contains("event=leading", "event=stopped clean=true");
    assertThat(audits).allMatch(audit -> audit.ticks() > 0);
  }

  private String log() {
    try {
      return Files.exists(log) ? Files.readString(log) : "";
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot read " + log, e);
    }
  }

  private static void runShell(String command, Path log) throws Exception {
    var process =
        new ProcessBuilder("sh", "-c", command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
            .start();
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).as("the end of %s", command).isTrue();
    assertThat(process.exitValue()).as("%s: %s", command, Files.readString(log)).isZero();
  }
}
