package io.github.pgqfleet.deploy.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What it prints, and that a takeover waits for what it must wait for; never how fast it is. */
class TakeoverBenchIT {
  @TempDir Path temporary;

  @Test
  void printsEveryFigureAndLeavesNothingBehind() throws Exception {
    try (var bench =
        new BenchCommand(
            temporary,
            "takeover",
            "--databases=2",
            "--heartbeat=1s",
            "--workers=2",
            "--dead-interval=3s",
            "--hold=1s",
            "--outage=1s",
            "--settle=2",
            "--runs=1")) {
      List<String> lines = bench.linesOfGoodEnd("takeover");
      String size = "databases=2 clusters=1 queues=10 ";
      assertThat(lines)
          .satisfiesExactly(
              line -> isOurs(line, "mover_takeover_s", size + "heartbeat_ms=1000"),
              line -> isOurs(line, "mover_frozen_takeover_s", size + "heartbeat_ms=1000"),
              line -> isOurs(line, "mover_recovery_s", size + "outage_ms=1000"),
              line ->
                  assertThat(line)
                      .matches(
                          one ->
                              BenchCommand.is(
                                  one,
                                  "takeover",
                                  "ticker_recovery_s",
                                  size + "outage_ms=1000 period_ms=1000 ",
                                  "pgqd")),
              line ->
                  isOurs(
                      line,
                      "worker_takeover_s",
                      "workers=2 batch_events=4 dead_interval_ms=3000 hold_ms=1000"));
      // Nobody may touch a batch, or lead a database, of what is not dead yet.
      assertThat(value(lines.get(0))).isGreaterThan(0.5);
      assertThat(value(lines.get(1))).isGreaterThan(0.5);
      assertThat(value(lines.get(4))).isGreaterThan(2);
    }
  }

  @Test
  void refusesWhatCannotBeMeasured() throws Exception {
    try (var bench = new BenchCommand(temporary, "takeover", "--hold=60s")) {
      assertThat(bench.exitCode()).isEqualTo(2);
      assertThat(bench.output()).contains("--hold must be shorter than --dead-interval");
    }
  }

  private static void isOurs(String line, String figure, String conditions) {
    assertThat(line)
        .matches(
            "bench=takeover figure=%s %s runs=1 ours=%s .* peer=none"
                .formatted(figure, conditions, BenchCommand.NUMBER));
  }

  private static double value(String line) {
    return Double.parseDouble(line.replaceAll(".* ours=(\\S+) .*", "$1"));
  }
}
