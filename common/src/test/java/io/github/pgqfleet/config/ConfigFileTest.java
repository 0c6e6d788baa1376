package io.github.pgqfleet.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfigFileTest {

  private static final String GOOD =
      """
      fleet {
        queues { orders {}, mail { ticker-max-lag = 10s } }
        servers { db01 { host = db01.example, port = 5433, databases = ["app_*", other] } }
        destination { host = central.example, database = central, user = mover }
      }
      """;

  @TempDir private Path directory;
  private Path file;

  @BeforeEach
  void file() {
    file = directory.resolve("fleet.conf");
  }

  @Test
  void fillsInTheDefaults() throws IOException {
    var fleet = load(GOOD);

    assertThat(fleet.queues().keySet()).containsExactly("mail", "orders");
    assertThat(fleet.queues())
        .containsEntry("orders", withMaxLag(Duration.ofSeconds(3)))
        .containsEntry("mail", withMaxLag(Duration.ofSeconds(10)));
    var server = fleet.servers().getFirst();
    assertThat(server.settings().port()).isEqualTo(5433);
    assertThat(server.settings().user()).isEqualTo("pgq_fleet");
    assertThat(fleet.destination().settings().user()).isEqualTo("mover");
    assertThat(fleet.destination().id()).isEqualTo("destination/central");
  }

  @Test
  void knowsWhichDatabasesBelongToAServer() throws IOException {
    var server = load(GOOD).servers().getFirst();

    assertThat(List.of("app_", "app_001", "other"))
        .allMatch(server::includes, "belongs to the fleet");
    assertThat(List.of("my_app_001", "others", "app", "postgres")).noneMatch(server::includes);
  }

  @Test
  void neverTakesTheDestinationForASource() throws IOException {
    var onTheSameServer =
        """
        fleet {
          queues { orders {} }
          servers { db01 { host = h, databases = ["*"] } }
          destination { host = h, database = central }
        }
        """;
    var server = load(onTheSameServer).servers().getFirst();
    assertThat(server.includes("app")).isTrue();
    assertThat(server.includes("central")).isFalse();
  }

  @Test
  void reportsEveryMistakeWithItsLine() {
    var problems =
        problems(
            """
            fleet {
              queues { orders { ticker-max-lag = -3s, ticker-max-cuont = 5 } }
              servers {
                db01 { host = a, port = seventy, databases = [x] }
                db02 { databases = ["app_*"], password-file = /nowhere }
              }
              destination { host = c, ssl-mode = maybe }
              colour = red
            }
            tikcer { period = 1s }
            """);

    assertThat(problems)
        .allMatch(line -> line.startsWith(file + ":"))
        .anyMatch(has(2, "fleet.queues.orders.ticker-max-lag", "negative"))
        .anyMatch(has(2, "fleet.queues.orders.ticker-max-cuont", "not a known key"))
        .anyMatch(has(4, "fleet.servers.db01.port", "wrong type"))
        .anyMatch(has(5, "fleet.servers.db02.host", "missing"))
        .anyMatch(has(5, "fleet.servers.db02.password-file", "/nowhere"))
        .anyMatch(has(7, "fleet.destination.database", "missing"))
        .anyMatch(has(7, "fleet.destination.ssl-mode", "maybe"))
        .anyMatch(has(8, "fleet.colour", "not a known key"))
        .anyMatch(has(10, "tikcer", "not a known key"))
        .hasSize(9);
  }

  @Test
  void saysWhatAnEmptyFileLacks() {
    assertThat(problems(""))
        .anyMatch(line -> line.contains("fleet.queues is empty"))
        .anyMatch(line -> line.contains("fleet.servers is empty"))
        .anyMatch(line -> line.contains("fleet.destination.host is missing"));
  }

  @Test
  void namesFileAndLineOfASyntaxError() {
    assertThat(problems("fleet {\n  queues { orders = \n"))
        .singleElement()
        .asString()
        .contains(file.toString())
        .containsPattern("\\d");
  }

  @Test
  void saysWhichFileIsMissing() {
    var exception =
        catchThrowableOfType(
            ConfigurationException.class, () -> ConfigFile.load(file, FleetConfig::read));
    assertThat(exception.problems()).singleElement().asString().startsWith(file + ": no such file");
  }

  private static QueueSettings withMaxLag(Duration maxLag) {
    return new QueueSettings(500, maxLag, Duration.ofMinutes(1), Duration.ofHours(2));
  }

  private FleetConfig load(String text) throws IOException {
    Files.writeString(file, text);
    return ConfigFile.load(file, FleetConfig::read);
  }

  private List<String> problems(String text) {
    return catchThrowableOfType(ConfigurationException.class, () -> load(text)).problems();
  }

  private static java.util.function.Predicate<String> has(int line, String key, String what) {
    return problem ->
        problem.contains("fleet.conf:" + line + ": " + key + " ") && problem.contains(what);
  }
}
