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

/** A benchmark as a process of its own. For one thread. */
final class BenchCommand implements AutoCloseable {
  static final String NUMBER = "-?\\d+\\.\\d\\d";

  private static final Duration MINUTES = Duration.ofMinutes(4);

  private final Path temporary;
  private final Child process;

  /**
   * Starts one.
   *
   * @param temporary takes everything that it makes, so that what it leaves can be told
   * @param arguments its name and options
   */
  BenchCommand(Path temporary, String... arguments) throws IOException {
    this.temporary = temporary;
    // The server, which runs as another user when we are root, has its directory in there.
    Files.setPosixFilePermissions(temporary, PosixFilePermissions.fromString("rwxr-xr-x"));
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-Djava.io.tmpdir=" + temporary,
                "-cp",
                FleetProcess.projectRoot().resolve("deploy/target/demo.jar").toString(),
                Bench.class.getName()));
    command.addAll(List.of(arguments));
    this.process = Child.start("bench", command, temporary.resolve("bench.log"));
  }

  /** Waits for its end. */
  int exitCode() throws InterruptedException {
    Await.until("the benchmark's end", MINUTES, () -> !process.isRunning());
    return process.exitCode();
  }

  String output() throws IOException {
    return Files.readString(temporary.resolve("bench.log"));
  }

  /** The lines with figures, and the last, which says that it is done. */
  List<String> lines() throws IOException {
    return new ArrayList<>(output().lines().filter(line -> line.startsWith("bench=")).toList());
  }

  /**
   * The lines with figures, without the last, of one that has ended well and left nothing behind.
   */
  List<String> linesOfGoodEnd(String name) throws IOException, InterruptedException {
    assertThat(exitCode()).as(output()).isZero();
    List<String> lines = lines();
    assertThat(lines.removeLast())
        .matches("bench=" + name + " done figures=" + lines.size() + " elapsed_s=\\d+");
    assertThat(left()).isEmpty();
    return lines;
  }

  /** Whether a line has a figure of one run of both. */
  static boolean is(String line, String name, String figure, String conditions, String peer) {
    return line.matches(
        "bench=%s figure=%s %sruns=1 ours=%s .*peer=%s peer_figure=%s .*ratio=(-|\\d+\\.\\d{3}).*"
            .formatted(name, figure, conditions, NUMBER, peer, NUMBER));
  }

  /** What it has left behind. */
  List<Path> left() throws IOException {
    try (Stream<Path> files = Files.list(temporary)) {
      return files.filter(file -> file.getFileName().toString().startsWith("pgq-fleet")).toList();
    }
  }

  @Override
  public void close() {
    process.close();
  }
}
