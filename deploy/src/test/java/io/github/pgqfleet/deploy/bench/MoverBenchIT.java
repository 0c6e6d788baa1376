package io.github.pgqfleet.deploy.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the movers' benchmarks print, never how fast anything is. */
class MoverBenchIT {
  private static final List<String> BACKLOG =
      List.of(
          "events_per_s",
          "cpu_ms_per_1000",
          "own_cpu_ms_per_1000",
          "source_cpu_ms_per_1000",
          "destination_cpu_ms_per_1000",
          "destination_commits",
          "rss_mb");

  @TempDir Path temporary;

  @Test
  void comparesADeepQueueWithAPipeAndSkytools() throws Exception {
    try (var bench =
        new BenchCommand(
            temporary,
            "mover-deep",
            "--batches=2",
            "--batch-events=50",
            "--warm-up=1",
            "--settle=0",
            "--runs=1")) {
      List<String> lines = bench.linesOfGoodEnd("mover-deep");
      String conditions =
          "databases=1 clusters=1 queues=1 batch_events=50 event_bytes=200 events=100"
              + " warm_up_events=50 coalesce=";
      for (String figure : BACKLOG) {
        for (String peer : List.of("psql_pipe", "skytools")) {
          for (String coalesce : List.of("default ", "off ")) {
            assertThat(lines)
                .anyMatch(
                    line ->
                        BenchCommand.is(line, "mover-deep", figure, conditions + coalesce, peer));
          }
        }
      }
      assertThat(lines).hasSize(2 * 2 * BACKLOG.size());
    }
  }

  @Test
  void comparesManyQueuesWithSkytools() throws Exception {
    try (var bench =
        new BenchCommand(
            temporary,
            "mover-wide",
            "--databases=2",
            "--batches=2",
            "--warm-up=1",
            "--peer-processes=2",
            "--steady-databases=1",
            "--settle=0",
            // Each database is written to once a second.
            "--seconds=3",
            "--runs=1",
            "--statements")) {
      List<String> lines = bench.linesOfGoodEnd("mover-wide");
      String backlog =
          "databases=2 clusters=1 queues=10 batch_events=10 event_bytes=200 events=200"
              + " warm_up_events=100 coalesce=default ";
      for (String figure : BACKLOG) {
        assertThat(lines)
            .anyMatch(line -> BenchCommand.is(line, "mover-wide", figure, backlog, "skytools"));
      }
      String steady =
          "databases=1 clusters=1 queues=5 batch_events=10 event_bytes=200 batches_per_s=5 ";
      List<String> figures =
          List.of(
              "cpu_per_batch",
              "own_cpu_per_batch",
              "steady_cpu",
              "steady_rss_mb",
              "source_statements_per_batch",
              "source_commits_per_batch",
              "destination_statements_per_batch",
              "destination_commits_per_batch");
      for (String figure : figures) {
        assertThat(lines)
            .anyMatch(line -> BenchCommand.is(line, "mover-wide", figure, steady, "skytools"));
      }
      assertThat(lines)
          .anyMatch(line -> line.contains("figure=cpu_per_batch") && line.contains(" alone="));
      assertThat(lines).hasSize(BACKLOG.size() + figures.size());
    }
  }

  @Test
  void comparesAnIdleFleetWithPgqd() throws Exception {
    try (var bench =
        new BenchCommand(
            temporary, "mover-idle", "--databases=1", "--warm-up=1", "--seconds=1", "--runs=1")) {
      List<String> lines = bench.linesOfGoodEnd("mover-idle");
      String conditions = "databases=1 clusters=1 queues=5 period_ms=1000 peer_period_ms=1000 ";
      List<String> figures =
          List.of("total_cpu", "own_cpu", "rss_mb", "rss_peak_mb", "connections", "startup_s");
      for (String figure : figures) {
        assertThat(lines)
            .anyMatch(line -> BenchCommand.is(line, "mover-idle", figure, conditions, "pgqd"));
      }
      assertThat(lines).hasSize(figures.size());
    }
  }

  @Test
  void refusesWhatCannotBeMeasured() throws Exception {
    try (var bench = new BenchCommand(temporary, "mover-deep", "--warm-up=0")) {
      assertThat(bench.exitCode()).isEqualTo(2);
      assertThat(bench.output()).contains("--warm-up must be positive");
    }
  }
}
