package io.github.pgqfleet.deploy.watching;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Prometheus' own tool, of {@code $PROMTOOL} or on the path. Stateless. */
final class Promtool {

  private Promtool() {}

  /** Runs it in a directory; what it prints when it is not content fails the test. */
  static void accepts(Path directory, String input, String... arguments) throws IOException {
    var command = new ArrayList<String>();
    command.add(Optional.ofNullable(System.getenv("PROMTOOL")).orElse("promtool"));
    command.addAll(List.of(arguments));
    var process =
        new ProcessBuilder(command).directory(directory.toFile()).redirectErrorStream(true).start();
    try (var in = process.getOutputStream()) {
      in.write(input.getBytes(StandardCharsets.UTF_8));
    }
    var said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.onExit().join().exitValue()).as("%s: %s", command, said).isZero();
  }
}
