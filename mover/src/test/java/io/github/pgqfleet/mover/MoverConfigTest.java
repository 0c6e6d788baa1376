package io.github.pgqfleet.mover;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.github.pgqfleet.config.ConfigFile;
import io.github.pgqfleet.config.ConfigurationException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
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

  @Test
  void readsRoutes() throws IOException {
    var config =
        ConfigFile.load(
            fleet(
                """
                routes {
                  orders = all
                  audit { by = type, types { login = logins, "page view" = views }, otherwise = rest }
                  payments { by = hash, column = extra1, queues = [p0, p1] }
                }"""),
            MoverConfig::read);

    assertThat(config.route("orders")).isEqualTo(new Route.Whole("all"));
    assertThat(config.route("audit"))
        .isEqualTo(new Route.ByType(Map.of("login", "logins", "page view", "views"), "rest"));
    assertThat(config.route("payments"))
        .isEqualTo(new Route.ByHash(Route.HashColumn.EXTRA1, List.of("p0", "p1")));
    assertThat(config.route("mail")).isEqualTo(new Route.Whole("mail"));
    assertThat(config.destinationQueues())
        .containsExactlyInAnyOrder("all", "logins", "views", "rest", "p0", "p1", "mail");
  }

  @Test
  void refusesBadRoutes() throws IOException {
    var file =
        fleet(
            """
            routes {
              orders = ""
              audit { by = type, types {} }
              payments { by = hash, column = ev_id, queues = [p0, p0] }
              mail { by = size }
            }""");

    var problems =
        catchThrowableOfType(
                ConfigurationException.class, () -> ConfigFile.load(file, MoverConfig::read))
            .problems();

    assertThat(problems)
        .anyMatch(p -> p.contains("mover.routes.orders names a destination queue without a name"))
        .anyMatch(p -> p.contains("mover.routes.audit.types names no event type"))
        .anyMatch(p -> p.contains("mover.routes.audit.otherwise is missing"))
        .anyMatch(p -> p.contains("mover.routes.payments.column is \"ev_id\"; it must be one of"))
        .anyMatch(p -> p.contains("mover.routes.payments.queues is [p0, p0]; it must name two"))
        .anyMatch(p -> p.contains("mover.routes.mail.by is \"size\"; it must be one of"));
  }

  private Path fleet(String mover) throws IOException {
    return Files.writeString(
        directory.resolve("fleet.conf"),
        """
        fleet {
          queues { orders {}, audit {}, payments {}, mail {} }
          servers { db01 { host = h, databases = [app] } }
          destination { host = h, database = central }
        }
        mover {
        %s
        }
        """
            .formatted(mover));
  }
}
