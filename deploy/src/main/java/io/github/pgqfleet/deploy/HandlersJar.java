package io.github.pgqfleet.deploy;

import io.github.pgqfleet.fixture.FleetProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** The jar with our own handlers, as a user would put one beside the worker. Stateless. */
public final class HandlersJar {
  private HandlersJar() {}

  /**
   * Copies it into a directory, the worker's {@code handlers-directory}.
   *
   * @throws IllegalStateException when it has not been built
   */
  public static void copyTo(Path directory) {
    Path target = FleetProcess.projectRoot().resolve("deploy/target");
    try (Stream<Path> files = Files.list(target)) {
      Path jar =
          files
              .filter(file -> file.toString().endsWith("-handlers.jar"))
              .findFirst()
              .orElseThrow(
                  () ->
                      new IllegalStateException(
                          "No *-handlers.jar in " + target + "; mvn package builds it"));
      Files.copy(jar, directory.resolve(jar.getFileName()));
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot copy the handlers from " + target, e);
    }
  }
}
