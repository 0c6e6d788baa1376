package io.github.pgqfleet.deploy.bench;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** A script of ours on Skytools' framework, to be started. */
record SkytoolsScript(Path file) {

  /** Names the Python that has the module pgq. */
  private static final String VARIABLE = "PGQ_PYTHON";

  /**
   * Writes one.
   *
   * @param name of the file, which is packed beside this class
   */
  static SkytoolsScript write(String name, Path directory) {
    return new SkytoolsScript(
        BenchDirectory.write(directory.resolve(name), BenchDirectory.resource(name)));
  }

  /** How its configuration names a database. */
  static String connection(Source database) {
    return "host=%s port=%d user=postgres dbname=%s"
        .formatted(database.cluster().host(), database.cluster().port(), database.name());
  }

  /**
   * Starts it; returns at once.
   *
   * @param configuration an ini file; the log lies beside it
   */
  Child start(String name, Path configuration) {
    return Child.start(
        name,
        List.of(python(), file.toString(), configuration.toString()),
        Path.of(configuration.toString().replace(".ini", ".log")));
  }

  private static String python() {
    return Stream.concat(
            Stream.ofNullable(System.getenv(VARIABLE)).map(Path::of),
            Stream.of(Path.of("/usr/bin/python3")))
        .filter(Files::isExecutable)
        .findFirst()
        .map(Path::toString)
        .orElse("python3");
  }
}
