package io.github.pgqfleet.deploy.demo;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgqfleet.fixture.Await;
import io.github.pgqfleet.fixture.FleetProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DemoIT {
  private static final Duration MINUTES = Duration.ofMinutes(3);

  @TempDir Path temporary;

  @Test
  void endsWithAGoodAuditAndLeavesNothingBehind() throws IOException {
    try (FleetProcess demo = demo("--databases", "4", "--seconds", "5", "--rate", "100")) {
      assertThat(demo.exitCode(MINUTES)).as(demo.output()).isZero();
      assertThat(demo.output()).containsPattern("the fleet page is at http://127.0.0.1:\\d+/");
      assertThat(demo.output().lines().toList().getLast())
          .matches(
              "audit: databases=4 queues=20 committed=[1-9]\\d* processed=[1-9]\\d* lost=0"
                  + " duplicated=0 rolledback=\\d+ seen_rolledback=0 torn=0 p50_ms=\\d+"
                  + " p99_ms=\\d+");
      assertThat(left()).isEmpty();
    }
  }

  @Test
  void cleansUpWhenItIsTerminatedUnderLoad() throws IOException {
    try (FleetProcess demo = demo("--databases", "2", "--seconds", "600", "--rate", "20")) {
      demo.awaitLine("load: second=2 ", MINUTES);
      List<Long> children =
          ProcessHandle.of(demo.pid()).orElseThrow().descendants().map(ProcessHandle::pid).toList();
      assertThat(children).hasSizeGreaterThanOrEqualTo(4);
      demo.terminate();
      demo.exitCode(Duration.ofSeconds(60));
      Await.until(
          "the demonstration's processes to be gone",
          Duration.ofSeconds(10),
          () ->
              children.stream()
                  .flatMap(pid -> ProcessHandle.of(pid).stream())
                  .noneMatch(ProcessHandle::isAlive));
      assertThat(left()).isEmpty();
    }
  }

  @Test
  void refusesWrongOptions() {
    try (FleetProcess demo = demo("--databases", "0")) {
      assertThat(demo.exitCode(MINUTES)).isEqualTo(2);
      assertThat(demo.output()).contains("must be positive");
    }
  }

  private FleetProcess demo(String... arguments) {
    return FleetProcess.ofJar(FleetProcess.projectRoot().resolve("deploy/target/demo.jar"))
        // Here, so that what it leaves can be told from what others have made.
        .jvmOptions("-Xmx256m", "-Djava.io.tmpdir=" + directory())
        .directory(FleetProcess.projectRoot())
        .arguments(arguments)
        .log(temporary.resolve("demo.log"))
        .start();
  }

  private Path directory() {
    try {
      Path directory = temporary.resolve("tmp");
      if (!Files.exists(directory)) {
        Files.createDirectory(directory);
        openToOthers(temporary);
        openToOthers(directory);
      }
      return directory;
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  /** The server, which runs as another user when we are root, has its directory in there. */
  private static void openToOthers(Path directory) throws IOException {
    Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  private List<Path> left() throws IOException {
    try (Stream<Path> files = Files.list(directory())) {
      return files.filter(file -> file.getFileName().toString().startsWith("pgq-fleet")).toList();
    }
  }
}
