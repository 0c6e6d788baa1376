package io.github.pgqfleet.deploy.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What it prints, never how fast anything is. */
class TickerBenchIT {
  @TempDir Path temporary;

  @Test
  void printsEveryFigureOfBothAndLeavesNothingBehind() throws Exception {
    try (BenchCommand bench =
        bench(
            "--databases=2",
            "--load=idle,busy16",
            "--runs=1",
            "--seconds=2",
            "--settle=1",
            "--straddlers=1",
            "--straddler-quiet=1",
            "--straddler-wait=5")) {
      assertThat(bench.exitCode()).as(bench.output()).isZero();
      String idle = "databases=2 clusters=1 period_ms=1000 peer_period_ms=1000 load=idle ";
      String busy = idle.replace("idle", "busy16");
      List<String> lines = bench.lines();
      assertThat(lines.removeLast())
          .matches("bench=ticker done figures=" + lines.size() + " elapsed_s=\\d+");

      for (String figure :
          List.of("total_cpu", "own_cpu", "rss_mb", "rss_peak_mb", "connections", "startup_s")) {
        assertThat(lines).anyMatch(line -> isOfBoth(line, figure, idle));
        assertThat(lines).anyMatch(line -> isOfBoth(line, figure, busy));
      }
      for (String figure :
          List.of(
              "total_cpu_above_load",
              "commit_p50_ms",
              "commit_p99_ms",
              "jitter_p50_ms",
              "jitter_p99_ms")) {
        assertThat(lines).anyMatch(line -> isOfBoth(line, figure, busy));
        assertThat(lines).noneMatch(line -> isOfBoth(line, figure, idle));
      }
      assertThat(lines).anyMatch(line -> isOfBoth(line, "straddler_ms", idle));
      assertThat(lines)
          .anyMatch(line -> line.matches(beginning("once_s", idle) + ".* peer=none"))
          .hasSize(2 * 6 + 5 + 1 + 2);
      assertThat(bench.left()).isEmpty();
    }
  }

  @Test
  void measuresWhatThoseCostWhoWatch() throws Exception {
    try (BenchCommand bench =
        bench(
            "--databases=2",
            "--runs=1",
            "--seconds=6",
            "--settle=1",
            "--parts=watched",
            "--load=all")) {
      assertThat(bench.exitCode()).as(bench.output()).isZero();
      assertThat(bench.lines())
          .anyMatch(
              line ->
                  line.contains(" figure=own_cpu ")
                      && line.contains(" load=all ")
                      && line.contains("peer=unwatched"));
      assertThat(bench.left()).isEmpty();
    }
  }

  @Test
  void saysWithItsLogThatATickerHasDied() throws Exception {
    try (BenchCommand bench = bench("--databases=1", "--runs=1", "--jvm-options=-Xmx1x")) {
      assertThat(bench.exitCode()).as(bench.output()).isEqualTo(1);
      assertThat(bench.output()).contains("ticker run ended with 1", "Invalid maximum heap size");
      assertThat(bench.left()).isEmpty();
    }
  }

  @Test
  void refusesWhatCannotBeMeasured() throws Exception {
    try (BenchCommand bench = bench("--databases=10", "--clusters=4")) {
      assertThat(bench.exitCode()).isEqualTo(2);
      assertThat(bench.output()).contains("10 databases cannot be spread evenly over 4 clusters");
    }
  }

  private static boolean isOfBoth(String line, String figure, String conditions) {
    return line.matches(
        beginning(figure, conditions)
            + " .*peer=pgqd peer_figure="
            + BenchCommand.NUMBER
            + " .*ratio=(-|\\d+\\.\\d{3}).*");
  }

  private static String beginning(String figure, String conditions) {
    return "bench=ticker figure="
        + figure
        + " "
        + conditions
        + "runs=1 ours="
        + BenchCommand.NUMBER;
  }

  private BenchCommand bench(String... options) throws IOException {
    return new BenchCommand(
        temporary, Stream.concat(Stream.of("ticker"), Stream.of(options)).toArray(String[]::new));
  }
}
