package io.github.pgqfleet.deploy.bench;

import io.github.pgqfleet.fixture.Reaper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** The candidates' configurations and logs. Stateless. */
final class BenchDirectory {
  private BenchDirectory() {}

  /** A new temporary directory, which is removed when this JVM ends. */
  static Path create() {
    try {
      Path directory = Files.createTempDirectory("pgq-fleet-bench-").toRealPath();
      Reaper.removeAtExit(directory);
      return directory;
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot make a directory for configurations and logs", e);
    }
  }

  /** Writes a file, and returns it. */
  static Path write(Path file, String text) {
    try {
      return Files.writeString(file, text);
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot write " + file, e);
    }
  }

  /** A file that is packed beside this class. */
  static String resource(String name) {
    try (InputStream stream = BenchDirectory.class.getResourceAsStream(name)) {
      if (stream == null) {
        throw new IllegalArgumentException("No resource " + name);
      }
      return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot read resource " + name, e);
    }
  }
}
