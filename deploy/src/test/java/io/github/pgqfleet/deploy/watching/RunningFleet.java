package io.github.pgqfleet.deploy.watching;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgqfleet.fixture.AdminPages;
import io.github.pgqfleet.fixture.Await;
import io.github.pgqfleet.fixture.FleetProcess;
import io.github.pgqfleet.fixture.PgqServer;
import io.github.pgqfleet.fixture.TestDatabase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Ticker, mover and worker as processes, with two source databases and one that is configured but
 * not there. For one thread.
 */
final class RunningFleet implements AutoCloseable {

  static final List<String> MODULES = List.of("ticker", "mover", "worker");
  static final Duration PATIENCE = Duration.ofSeconds(90);

  /** The name of the database that is not there. */
  static final String MISSING = "not_there";

  private final Path conf;
  private final TestDatabase source;
  private final Map<String, FleetProcess> processes = new LinkedHashMap<>();
  private final Map<String, AdminPages> pages = new LinkedHashMap<>();

  RunningFleet(PgqServer server, Path directory) throws IOException {
    this.source = server.newDatabase();
    var destination = server.newDatabase();
    destination.execute(
        """
        create function handle(bigint, timestamptz, bigint, integer, text, text, text, text, text,
            text) returns void language sql as ''\
        """);
    // Without the one that is not there, which provision would fail for.
    var whole = configuration(directory, destination, List.of(source, server.newDatabase()));
    for (var module : MODULES) {
      run(whole, module, 0, "provision");
    }
    this.conf =
        Files.writeString(
            directory.resolve("fleet.conf"),
            Files.readString(whole).replace("]", ", \"" + MISSING + "\"]"));
    MODULES.forEach(this::start);
    source.insertEvents("orders", "test", List.of("1", "2", "3"));
    Await.until(
        "3 handled events",
        PATIENCE,
        () ->
            value("worker", "pgq_worker_events_total{consumer=\"workers\",queue=\"orders\"}") == 3);
  }

  private static Path configuration(
      Path directory, TestDatabase destination, List<TestDatabase> sources) throws IOException {
    var password = Files.writeString(directory.resolve("password"), destination.password() + "\n");
    var connection =
        "host = \"%s\", port = %d, user = \"%s\", password-file = \"%s\""
            .formatted(destination.host(), destination.port(), destination.user(), password);
    return Files.writeString(
        directory.resolve("whole.conf"),
        """
        fleet {
          queues { orders {} }
          queue-defaults { ticker-max-lag = 100ms, ticker-idle-period = 1s }
          servers { s1 { %1$s, databases = ["%2$s", "%3$s"] } }
          destination { %1$s, database = "%4$s" }
        }
        ticker { period = 100ms, alarms.period = 1s, admin.port = 0 }
        mover { heartbeat = 500ms, admin.port = 0 }
        worker {
          instance = test
          consumer = workers
          poll-interval = 100ms
          admin.port = 0
          queues { orders { handler { type = sql, function = handle } } }
        }
        """
            .formatted(
                connection, sources.get(0).name(), sources.get(1).name(), destination.name()));
  }

  private void start(String module) {
    var process =
        FleetProcess.ofModule(module).arguments("run", "--config", conf.toString()).start();
    processes.put(module, process);
    pages.put(module, AdminPages.of(process));
  }

  /** The source that has had events. */
  TestDatabase source() {
    return source;
  }

  AdminPages pages(String module) {
    return Objects.requireNonNull(pages.get(module));
  }

  double value(String module, String series) {
    return pages(module).samples().getOrDefault(series, Double.NaN);
  }

  /** Runs a command to its end; returns what it printed. */
  String run(String module, int exitCode, String... arguments) {
    return run(conf, module, exitCode, arguments);
  }

  private static String run(Path conf, String module, int exitCode, String... arguments) {
    try (var command =
        FleetProcess.ofModule(module)
            .arguments(arguments)
            .arguments("--config", conf.toString())
            .start()) {
      assertThat(command.exitCode(PATIENCE)).as(command.output()).isEqualTo(exitCode);
      return command.output();
    }
  }

  @Override
  public void close() {
    pages.values().forEach(AdminPages::close);
    processes.values().forEach(FleetProcess::close);
  }
}
