package io.github.pgqfleet.ticker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.pgqfleet.config.ConfigFile;
import io.github.pgqfleet.config.ConfigurationException;
import io.github.pgqfleet.config.Section;
import io.github.pgqfleet.sql.Database;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TickerConfigTest {

  private static final String FLEET =
      """
      fleet {
        queues { orders {} }
        servers { db01 { host = h, databases = [a] } }
        destination { host = h, database = central }
      }
      """;

  @TempDir private Path directory;

  @Test
  void hasADefaultForEverything() throws IOException {
    var config = read(FLEET);
    assertThat(config.defaultPeriod()).isEqualTo(Duration.ofSeconds(1));
    assertThat(config.notifies()).isTrue();
    assertThat(config.maintenancePeriod()).isEqualTo(Duration.ofMinutes(2));
    assertThat(config.retryPeriod()).isEqualTo(Duration.ofSeconds(30));
    assertThat(config.vacuum()).isTrue();
    assertThat(config.admin().port()).isEqualTo(9741);
    assertThat(config.page().late()).isEqualTo(Duration.ofSeconds(10));
    assertThat(config.page().replayTokenEnv()).isEmpty();
  }

  @Test
  void hasPeriodsOfSingleDatabasesWhereTheShortestCounts() throws IOException {
    var config =
        read(
            FLEET
                + """
                ticker.periods { "db01/a*" = 200ms, "db01/app" = 100ms, "*" = 2s }
                """);
    var destination = config.fleet().destination();
    assertThat(config.period(destination)).isEqualTo(Duration.ofSeconds(2));
    assertThat(config.period(new Database("db01", "app", destination.settings())))
        .isEqualTo(Duration.ofMillis(100));
    assertThat(config.period(new Database("db01", "audit", destination.settings())))
        .isEqualTo(Duration.ofMillis(200));
  }

  @Test
  void reportsAllMistakesAtOnceWithTheirLines() {
    assertThatThrownBy(
            () ->
                load(
                    TickerConfig::readForDaemon,
                    FLEET
                        + """
                        ticker {
                          period = 10ms
                          notfy = true
                          vacuum = perhaps
                          retry-period = -3s
                          page.replay-token-env = NOT_SET_ANYWHERE
                        }
                        """))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("fleet.conf:7: ticker.period")
        .hasMessageContaining("fleet.conf:8: ticker.notfy")
        .hasMessageContaining("fleet.conf:9: ticker.vacuum")
        .hasMessageContaining("fleet.conf:10: ticker.retry-period")
        .hasMessageContaining("fleet.conf:11: ticker.page.replay-token-env names NOT_SET_ANYWHERE");
  }

  @Test
  void asksNobodyButTheDaemonForThePagesToken() throws IOException {
    var config = read(FLEET + "ticker.page.replay-token-env = NOT_SET_ANYWHERE");
    assertThat(config.page().replayTokenEnv()).contains("NOT_SET_ANYWHERE");
  }

  private TickerConfig read(String text) throws IOException {
    return load(TickerConfig::read, text);
  }

  private TickerConfig load(Function<Section, TickerConfig> reading, String text)
      throws IOException {
    return ConfigFile.load(Files.writeString(directory.resolve("fleet.conf"), text), reading);
  }
}
