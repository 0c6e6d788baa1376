package io.github.pgqfleet.mover;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.github.pgqfleet.config.ConfigFile;
import io.github.pgqfleet.config.ConfigurationException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MoverConfigTest {

  @TempDir private Path directory;

  @Test
  void reportsEveryMistakeOfItsPartWithItsLine() throws IOException {
    var file =
        Files.writeString(
            directory.resolve("fleet.conf"),
            """
            fleet {
              queues { orders {} }
              servers {
                db01 { host = h, databases = [app, central] }
              }
              destination { host = h, database = central }
            }
            mover {
              routes { ordres = all }
              origin-column = extra5
              buffer-size = huge
              poll-interval = -1s
            }
            """);

    var problems =
        catchThrowableOfType(
                ConfigurationException.class, () -> ConfigFile.load(file, MoverConfig::read))
            .problems();

    assertThat(problems)
        .anyMatch(p -> p.contains(":4: fleet.servers.db01.databases names the destination"))
        .anyMatch(p -> p.contains(":9: mover.routes names the source queue \"ordres\""))
        .anyMatch(p -> p.contains(":10: mover.origin-column is \"extra5\""))
        .anyMatch(p -> p.contains(":11: mover.buffer-size has a bad value"))
        .anyMatch(p -> p.contains(":12: mover.poll-interval is negative"))
        .hasSize(5);
  }
}
