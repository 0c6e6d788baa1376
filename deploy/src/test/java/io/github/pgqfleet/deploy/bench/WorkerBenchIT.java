package io.github.pgqfleet.deploy.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the benchmarks with handlers print, never how fast anything is. */
class WorkerBenchIT {
  private static final List<String> FIGURES =
      List.of("events_per_s", "cpu_ms_per_1000", "own_cpu_ms_per_1000", "commits", "rss_mb");

  @TempDir Path temporary;

  @Test
  void comparesWorkersWithSkytoolsAndWaitingOnesWithOne() throws Exception {
    try (var bench =
        new BenchCommand(
            temporary,
            "worker",
            "--workers=1,2",
            "--batches=2",
            "--batch-events=20",
            "--warm-up=1",
            "--waiting=1,3",
            "--wait=20ms",
            "--wait-batches=2",
            "--wait-batch-events=2",
            "--settle=0",
            "--runs=1")) {
      List<String> lines = bench.linesOfGoodEnd("worker");
      for (String figure : FIGURES) {
        for (int workers : List.of(1, 2)) {
          for (String handler : List.of("sql", "event", "send", "batch")) {
            String conditions =
                "handler=%s workers=%d batch_events=20 event_bytes=200 events=%d "
                    .formatted(handler, workers, workers * 40);
            assertThat(lines)
                .anyMatch(line -> BenchCommand.is(line, "worker", figure, conditions, "skytools"));
          }
        }
      }
      String waiting =
          "handler=wait wait_ms=20 workers=3 batch_events=2 event_bytes=200 events=12 ";
      assertThat(lines)
          .anyMatch(line -> BenchCommand.is(line, "worker", "events_per_s", waiting, "workers_1"))
          .hasSize(FIGURES.size() * (2 * 4 + 2));
    }
  }

  @Test
  void comparesTheWholeChainWithSkytools() throws Exception {
    try (var bench =
        new BenchCommand(
            temporary,
            "latency",
            "--databases=2",
            "--rate=20",
            "--settle=0",
            "--seconds=2",
            "--runs=1")) {
      List<String> lines = bench.linesOfGoodEnd("latency");
      String conditions =
          "databases=2 clusters=1 queues=10 peer_queues=1 events_per_s=20 workers=1 period_ms=100"
              + " max_lag_ms=50 ";
      List<String> figures =
          List.of(
              "p50_ms",
              "p99_ms",
              "committed_p50_ms",
              "committed_p99_ms",
              "total_cpu",
              "own_cpu",
              "rss_mb");
      for (String figure : figures) {
        assertThat(lines)
            .anyMatch(line -> BenchCommand.is(line, "latency", figure, conditions, "skytools"));
      }
      assertThat(lines).hasSize(figures.size());
    }
  }

  @Test
  void saysWithItsLogThatAWorkerHasDied() throws Exception {
    try (var bench =
        new BenchCommand(
            temporary, "worker", "--workers=1", "--parts=insert", "--settings=no-such-key = 1")) {
      assertThat(bench.exitCode()).as(bench.output()).isEqualTo(1);
      assertThat(bench.output()).contains("worker run ended with 2", "no-such-key");
      assertThat(bench.left()).isEmpty();
    }
  }

  @Test
  void refusesWhatCannotBeMeasured() throws Exception {
    try (var bench = new BenchCommand(temporary, "worker", "--workers=0")) {
      assertThat(bench.exitCode()).isEqualTo(2);
      assertThat(bench.output()).contains("--workers must be numbers from 1 to 500");
    }
    try (var bench = new BenchCommand(temporary, "latency", "--period=20ms")) {
      assertThat(bench.exitCode()).isEqualTo(2);
      assertThat(bench.output()).contains("--period must be at least 50 ms");
    }
  }
}
