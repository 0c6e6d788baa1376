package io.github.pgqfleet.ticker;

import io.github.pgqfleet.config.ConfigFile;
import io.github.pgqfleet.fixture.TestDatabase;
import io.github.pgqfleet.lifecycle.Health;
import io.github.pgqfleet.metrics.FleetMetrics;
import io.github.pgqfleet.sql.Database;
import io.github.pgqfleet.ticker.page.Surveys;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Databases and a configuration file for them: the last is the destination, the others are the
 * sources, {@code s0}, {@code s1} and so on, each as a server of its own.
 */
final class TestFleet {

  static final Duration PATIENCE = Duration.ofSeconds(30);

  private final Path directory;
  private final List<TestDatabase> sources;
  private final TestDatabase destination;
  private final List<String> queues = new ArrayList<>(List.of("orders {}"));
  private final List<String> lines = new ArrayList<>();

  final Health health = new Health(InstantSource.system());
  final TickerMetrics metrics = new TickerMetrics(new FleetMetrics());

  private final FailureLog failures = new FailureLog(health, metrics);

  TestFleet(Path directory, TestDatabase... databases) {
    this.directory = directory;
    this.destination = databases[databases.length - 1];
    this.sources =
        databases.length == 1
            ? List.of(destination)
            : List.of(databases).subList(0, databases.length - 1);
  }

  /** The queues of the configuration, in place of {@code orders {}}. */
  TestFleet queues(String... more) {
    queues.clear();
    queues.addAll(List.of(more));
    return this;
  }

  /** More lines of the part {@code ticker}. */
  TestFleet lines(String... more) {
    lines.addAll(List.of(more));
    return this;
  }

  Path configFile() {
    var servers =
        sources.stream()
            .map(
                s ->
                    "s%d { %s databases = [\"%s\"] }"
                        .formatted(sources.indexOf(s), address(s), s.name()))
            .collect(Collectors.joining("\n    "));
    return write(
        "fleet.conf",
        """
        fleet {
          queues { %s }
          connection { connect-timeout = 15s, socket-timeout = 20s, lock-timeout = 1s }
          servers {
            %s
          }
          destination { %s database = "%s" }
        }
        ticker {
          period = 100ms
          admin.enabled = false
          %s
        }
        """
            .formatted(
                String.join("\n    ", queues),
                servers,
                address(destination),
                destination.name(),
                String.join("\n  ", lines)));
  }

  TickerConfig config() {
    return ConfigFile.load(configFile(), TickerConfig::read);
  }

  /** The destination, as the ticker sees it. */
  Database database() {
    return config().fleet().destination();
  }

  /** The destination, as it is reached by another user. */
  Database as(TestDatabase user) {
    return new TestFleet(directory, user).database();
  }

  /** What tickers share, without any maintenance by itself. */
  Ticking ticking() {
    return ticking(new NoMaintenance());
  }

  Ticking ticking(Ticking.MaintenanceStarter starter) {
    var sessions = ApplicationName.ticking();
    var pulse = new ServerPulse(database().server(), sessions, metrics);
    return new Ticking(
        config(),
        sessions,
        sessions,
        Map.of(database().server(), pulse),
        new ServerGates(),
        failures,
        new Alarms(config().limits(), health),
        metrics,
        new Surveys(config().page(), InstantSource.system()),
        starter);
  }

  /** A session in the destination. */
  TickingSession open() throws SQLException {
    var ticking = ticking();
    return ticking.open(
        database(), new SuspectQueues(database(), ticking.failures(), System::nanoTime));
  }

  /** The names of the parts that are unwell. */
  List<String> unwell() {
    return List.copyOf(health.problems().keySet());
  }

  private String address(TestDatabase database) {
    return "host = \"%s\", port = %d, user = %s, %s"
        .formatted(
            database.host(),
            database.port(),
            database.user(),
            database.password().isEmpty()
                ? ""
                : "password-file = \"%s\","
                    .formatted(write("password-" + database.name(), database.password() + "\n")));
  }

  private Path write(String name, String text) {
    try {
      return Files.writeString(directory.resolve(name), text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static final class NoMaintenance implements Ticking.MaintenanceStarter {
    @Override
    public void maintain(DatabaseState state) {}

    @Override
    public void retry(DatabaseState state) {}
  }
}
