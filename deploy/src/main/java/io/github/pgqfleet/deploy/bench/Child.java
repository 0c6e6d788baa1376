package io.github.pgqfleet.deploy.bench;

import io.github.pgqfleet.fixture.Signal;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;

/**
 * A process of a candidate, its output in a log. However this JVM ends, the process does not
 * outlive it. For one thread.
 */
final class Child implements AutoCloseable {
  private static final Duration STOP_TIMEOUT = Duration.ofMinutes(3);
  private static final int LINES_SHOWN = 20;

  private final String name;
  private final Path log;
  private final Process process;
  private final Process guard;

  private Child(String name, Path log, Process process, Process guard) {
    this.name = name;
    this.log = log;
    this.process = process;
    this.guard = guard;
  }

  /**
   * Starts a program.
   *
   * @param log takes its output, appended
   */
  static Child start(String name, List<String> command, Path log) {
    try {
      ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
      // What libpq reads; PGQ... are ours.
      builder
          .environment()
          .keySet()
          .removeIf(variable -> variable.startsWith("PG") && !variable.startsWith("PGQ"));
      builder.redirectInput(Path.of("/dev/null").toFile());
      builder.redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
      Process process = builder.start();
      // Its input is a pipe from us, which breaks when we end; even when we are killed.
      Process guard =
          new ProcessBuilder(
                  "sh", "-c", "read -r _; kill -KILL \"$1\"", "sh", Long.toString(process.pid()))
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      return new Child(name, log, process, guard);
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot start " + command.getFirst(), e);
    }
  }

  long pid() {
    return process.pid();
  }

  /** Its process id, and those of its descendants. */
  LongStream tree() {
    return LongStream.concat(
        LongStream.of(pid()), process.descendants().mapToLong(ProcessHandle::pid));
  }

  boolean isRunning() {
    return process.isAlive();
  }

  /**
   * Checks that it has not ended by itself.
   *
   * @throws BenchFailure with the end of its log when it has
   */
  void requireRunning() {
    if (!process.isAlive()) {
      throw new BenchFailure(
          "%s ended with %d; the end of its log:\n%s"
              .formatted(name, process.exitValue(), endOfLog()));
    }
  }

  /** Waits for its end and returns the exit code. */
  int exitCode() throws InterruptedException {
    int code = process.waitFor();
    guard.destroy();
    return code;
  }

  /**
   * Waits for its end.
   *
   * @throws BenchFailure with the end of its log when it fails
   */
  void requireEnd() throws InterruptedException {
    int code = exitCode();
    if (code != 0) {
      throw new BenchFailure(
          "%s failed with %d; the end of its log:\n%s".formatted(name, code, endOfLog()));
    }
  }

  /**
   * Stops it with SIGTERM.
   *
   * @throws BenchFailure when it does not end in time
   */
  void stop() throws InterruptedException {
    process.destroy();
    if (!process.waitFor(STOP_TIMEOUT.toSeconds(), TimeUnit.SECONDS)) {
      throw new BenchFailure(
          "%s did not end within %d s of SIGTERM; the end of its log:\n%s"
              .formatted(name, STOP_TIMEOUT.toSeconds(), endOfLog()));
    }
    close();
  }

  /** Stops it where it is, with its connections open. */
  void freeze() {
    Signal.STOP.send(pid());
  }

  void thaw() {
    Signal.CONT.send(pid());
  }

  /** The last lines of its log, for an error message. */
  String endOfLog() {
    try {
      List<String> lines =
          new String(Files.readAllBytes(log), StandardCharsets.UTF_8).lines().toList();
      return String.join(
          "\n", lines.subList(Math.max(0, lines.size() - LINES_SHOWN), lines.size()));
    } catch (IOException e) {
      return "(no log: " + e.getMessage() + ")";
    }
  }

  /** Kills it if it still runs, and its descendants; returns when it is gone. */
  void kill() {
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly().onExit().join();
    guard.destroy();
  }

  /** The same. */
  @Override
  public void close() {
    kill();
  }
}
