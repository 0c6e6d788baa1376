package io.github.pgqfleet.deploy.interop;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgqfleet.fixture.TestDatabase;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A running pgqd or Python script, as its own users start it: with an ini file. For one thread. */
final class FieldTool implements AutoCloseable {

  private final Process process;
  private final Path log;

  private FieldTool(List<String> command, Path directory, String name, String ini)
      throws IOException {
    var configuration = Files.writeString(directory.resolve(name + ".ini"), ini);
    this.log = directory.resolve(name + ".log");
    this.process =
        new ProcessBuilder(
                Stream.concat(command.stream(), Stream.of(configuration.toString())).toList())
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
            .start();
  }

  /** PgQ's ticker, ten times a second, on databases of one server. */
  static FieldTool pgqd(Path directory, TestDatabase... databases) throws IOException {
    var server = databases[0];
    return new FieldTool(
        List.of(named("PGQD", "pgqd"), "-q"),
        directory,
        "pgqd",
        """
        [pgqd]
        base_connstr = host=%s port=%d user=%s password=%s
        initial_database = %s
        database_list = %s
        ticker_period = 0.1
        retry_period = 1
        syslog = 0
        """
            .formatted(
                server.host(),
                server.port(),
                server.user(),
                password(server),
                server.name(),
                Stream.of(databases).map(TestDatabase::name).collect(Collectors.joining(", "))));
  }

  /** {@code consumer.py} as consumer {@code workers} of queue {@code orders}. */
  static FieldTool consumer(Path directory, TestDatabase database) throws IOException {
    return script(
        directory,
        "/io/github/pgqfleet/deploy/interop/consumer.py",
        """
        [consumer]
        queue_name = orders
        consumer_name = workers
        db = %s
        loop_delay = 0.05
        use_skylog = 0
        """
            .formatted(connection(database)));
  }

  /** The benchmarks' mover on Skytools' framework, of queue {@code orders}. */
  static FieldTool mover(Path directory, TestDatabase source, TestDatabase destination)
      throws IOException {
    return script(
        directory,
        "/io/github/pgqfleet/deploy/bench/skytools_mover.py",
        """
        [skytools_mover]
        queue_name = orders
        queues = orders
        sources = src
        src = %s
        destination = %s
        loop_delay = 0.05
        use_skylog = 0
        """
            .formatted(connection(source), connection(destination)));
  }

  private static FieldTool script(Path directory, String resource, String ini) throws IOException {
    var file = directory.resolve(resource.substring(resource.lastIndexOf('/') + 1));
    Files.writeString(file, resource(resource));
    return new FieldTool(
        List.of(named("PGQ_PYTHON", "/usr/bin/python3"), file.toString()),
        directory,
        file.getFileName().toString(),
        ini);
  }

  static String resource(String name) throws IOException {
    try (var in = FieldTool.class.getResourceAsStream(name)) {
      return new String(Objects.requireNonNull(in, name).readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  /** Stops it as its users do: it ends what it has begun. */
  void stop() throws IOException, InterruptedException {
    new ProcessBuilder("kill", "-INT", Long.toString(process.pid())).start().waitFor();
    assertThat(process.waitFor(30, TimeUnit.SECONDS)).as(() -> "stopped: " + read(log)).isTrue();
  }

  @Override
  public void close() {
    process.destroyForcibly().onExit().join();
  }

  private static String read(Path log) {
    try {
      return Files.readString(log);
    } catch (IOException e) {
      return e.toString();
    }
  }

  private static String named(String variable, String otherwise) {
    return Objects.requireNonNullElse(System.getenv(variable), otherwise);
  }

  private static String connection(TestDatabase database) {
    return "host=%s port=%d user=%s dbname=%s password=%s"
        .formatted(
            database.host(), database.port(), database.user(), database.name(), password(database));
  }

  private static String password(TestDatabase database) {
    return database.password().isEmpty() ? "unused" : database.password();
  }
}
