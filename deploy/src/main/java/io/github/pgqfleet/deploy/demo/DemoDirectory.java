package io.github.pgqfleet.deploy.demo;

import io.github.pgqfleet.deploy.HandlersJar;
import io.github.pgqfleet.fixture.Reaper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A temporary directory with what the fleet's processes need: {@code fleet.conf}, {@code handlers/}
 * and {@code logs/}. Removed with this process.
 */
record DemoDirectory(Path path) {
  private static final int LINES_SHOWN = 20;

  static DemoDirectory create() {
    try {
      Path path = Files.createTempDirectory("pgq-fleet-demo-").toRealPath();
      Reaper.removeAtExit(path);
      Files.createDirectory(path.resolve("logs"));
      Files.createDirectory(path.resolve("handlers"));
      HandlersJar.copyTo(path.resolve("handlers"));
      return new DemoDirectory(path);
    } catch (IllegalStateException e) {
      throw new DemoFailure("Cannot make the demonstration's directory", e);
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot make the demonstration's directory", e);
    }
  }

  Path fleetConf() {
    return path.resolve("fleet.conf");
  }

  Path handlers() {
    return path.resolve("handlers");
  }

  Path logs() {
    return path.resolve("logs");
  }

  Path log(String process) {
    return logs().resolve(process + ".log");
  }

  void writeFleetConf(String text) {
    try {
      Files.writeString(fleetConf(), text);
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot write " + fleetConf(), e);
    }
  }

  /** What a process logged last, for an error message: warnings and errors first of all. */
  String endOfLog(String process) {
    try {
      List<String> lines = Files.readAllLines(log(process));
      List<String> bad =
          lines.stream().filter(line -> line.contains("WARN") || line.contains("ERROR")).toList();
      return Stream.concat(last(bad), last(lines)).distinct().collect(Collectors.joining("\n"));
    } catch (IOException e) {
      return "(no log: " + e.getMessage() + ")";
    }
  }

  private static Stream<String> last(List<String> lines) {
    return lines.stream().skip(Math.max(0, lines.size() - LINES_SHOWN));
  }
}
