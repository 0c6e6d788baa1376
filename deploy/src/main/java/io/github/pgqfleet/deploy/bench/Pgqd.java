package io.github.pgqfleet.deploy.bench;

import io.github.pgqfleet.fixture.PrivateCluster;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** PgQ's own ticker. It serves one cluster, so there is a process for each. */
final class Pgqd implements Ticker {

  /** Names the program to use instead of searching. */
  private static final String VARIABLE = "PGQD";

  private final List<Path> configurations = new ArrayList<>();
  private final Duration period;
  private final Path program;

  /**
   * Writes its configurations, with pgqd's defaults.
   *
   * @param directory takes configurations and logs
   * @throws BenchFailure when it is not installed
   */
  Pgqd(Testbed testbed, Duration period, Path directory) {
    this(testbed, List.of(), period, directory);
  }

  /**
   * The same for some databases only.
   *
   * @param databases that are ticked, at least one a cluster; all if there are none
   */
  Pgqd(Testbed testbed, List<Source> databases, Duration period, Path directory) {
    this.period = period;
    this.program = find();
    try {
      for (var cluster : testbed.clusters()) {
        Path file = directory.resolve("pgqd-" + cluster.port() + ".ini");
        Files.writeString(
            file,
            String.format(
                Locale.ROOT,
                """
                [pgqd]
                base_connstr = host=%s port=%d user=postgres application_name=pgqd
                initial_database = postgres
                %s
                ticker_period = %s
                maint_period = 120
                retry_period = 30
                check_period = 60
                syslog = 0
                logfile = %s
                """,
                cluster.host(),
                cluster.port(),
                list(databases, cluster),
                period.toMillis() / 1e3,
                log(file)));
        configurations.add(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot write pgqd's configuration in " + directory, e);
    }
  }

  private static String list(List<Source> databases, PrivateCluster cluster) {
    return databases.isEmpty()
        ? ""
        : databases.stream()
            .filter(database -> database.cluster() == cluster)
            .map(Source::name)
            .collect(Collectors.joining(", ", "database_list = ", ""));
  }

  private static Path find() {
    String path = Objects.requireNonNullElse(System.getenv("PATH"), "");
    return Stream.concat(
            Stream.ofNullable(System.getenv(VARIABLE)).map(Path::of),
            Stream.concat(Stream.of(path.split(File.pathSeparator)), Stream.of("/usr/bin"))
                .map(directory -> Path.of(directory, "pgqd")))
        .filter(Files::isExecutable)
        .findFirst()
        .orElseThrow(
            () ->
                new BenchFailure(
                    "pgqd is neither on PATH nor in /usr/bin; install its package (Debian: pgqd),"
                        + " or name the program in "
                        + VARIABLE));
  }

  private static Path log(Path configuration) {
    return Path.of(configuration.toString().replace(".ini", ".log"));
  }

  @Override
  public String name() {
    return "pgqd";
  }

  @Override
  public Duration period() {
    return period;
  }

  @Override
  public Running start() {
    return new Running(
        configurations.stream()
            .map(
                file ->
                    Child.start(
                        "pgqd", List.of(program.toString(), "-q", file.toString()), log(file)))
            .toList());
  }
}
