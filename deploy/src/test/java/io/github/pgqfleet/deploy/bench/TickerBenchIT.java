package io.github.pgqfleet.deploy.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgqfleet.fixture.Await;
import io.github.pgqfleet.fixture.FleetProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What it prints, never how fast anything is. */
class TickerBenchIT {
  private static final Duration MINUTES = Duration.ofMinutes(4);
  private static final String NUMBER = "-?\\d+\\.\\d\\d";

  @TempDir Path temporary;

  /** The server, which runs as another user when we are root, has its directory in there. */
  @BeforeEach
  void opensTheDirectoryToOthers() throws IOException {
    Files.setPosixFilePermissions(temporary, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  @Test
  void printsEveryFigureOfBothAndLeavesNothingBehind() throws Exception {
    try (Child bench =
        bench(
            "--databases=2",
            "--load=idle,busy16",
            "--runs=1",
            "--seconds=2",
            "--settle=1",
            "--straddlers=1",
            "--straddler-quiet=1",
            "--straddler-wait=5")) {
      assertThat(exitCode(bench)).as(output()).isZero();
      String idle = "databases=2 clusters=1 period_ms=1000 peer_period_ms=1000 load=idle ";
      String busy = idle.replace("idle", "busy16");
      List<String> lines =
          new ArrayList<>(output().lines().filter(line -> line.startsWith("bench=")).toList());
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
      assertThat(left()).isEmpty();
    }
  }

  @Test
  void saysWithItsLogThatATickerHasDied() throws Exception {
    try (Child bench = bench("--databases=1", "--runs=1", "--jvm-options=-Xmx1x")) {
      assertThat(exitCode(bench)).as(output()).isEqualTo(1);
      assertThat(output()).contains("ticker run ended with 1", "Invalid maximum heap size");
      assertThat(left()).isEmpty();
    }
  }

  @Test
  void refusesWhatCannotBeMeasured() throws Exception {
    try (Child bench = bench("--databases=10", "--clusters=4")) {
      assertThat(exitCode(bench)).isEqualTo(2);
      assertThat(output()).contains("10 databases cannot be spread evenly over 4 clusters");
    }
  }

  private static boolean isOfBoth(String line, String figure, String conditions) {
    return line.matches(
        beginning(figure, conditions)
            + " .*peer=pgqd peer_figure="
            + NUMBER
            + " .*ratio=(-|\\d+\\.\\d{3}).*");
  }

  private static String beginning(String figure, String conditions) {
    return "bench=ticker figure=" + figure + " " + conditions + "runs=1 ours=" + NUMBER;
  }

  private Child bench(String... options) {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                // Here, so that what it leaves can be told from what others have made.
                "-Djava.io.tmpdir=" + temporary,
                "-cp",
                FleetProcess.projectRoot().resolve("deploy/target/demo.jar").toString(),
                Bench.class.getName(),
                "ticker"));
    command.addAll(List.of(options));
    return Child.start("bench", command, temporary.resolve("bench.log"));
  }

  private static int exitCode(Child bench) throws InterruptedException {
    Await.until("the benchmark's end", MINUTES, () -> !bench.isRunning());
    return bench.exitCode();
  }

  private String output() throws IOException {
    return Files.readString(temporary.resolve("bench.log"));
  }

  private List<Path> left() throws Exception {
    try (Stream<Path> files = Files.list(temporary)) {
      return files.filter(file -> file.getFileName().toString().startsWith("pgq-fleet")).toList();
    }
  }
}
