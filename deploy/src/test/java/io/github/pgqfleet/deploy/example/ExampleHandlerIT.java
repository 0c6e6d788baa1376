package io.github.pgqfleet.deploy.example;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgqfleet.fixture.Await;
import io.github.pgqfleet.fixture.FleetProcess;
import io.github.pgqfleet.fixture.PgqServerExtension;
import io.github.pgqfleet.fixture.TestDatabase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** {@code worker.jar} with the jar of {@code worker/example} in its handlers directory. */
@ExtendWith(PgqServerExtension.class)
class ExampleHandlerIT {

  private static final Duration PATIENCE = Duration.ofSeconds(60);

  @Test
  void countsEachOrderOnce(TestDatabase database, @TempDir Path directory) throws Exception {
    var handlers = Files.createDirectory(directory.resolve("handlers"));
    Files.copy(
        FleetProcess.projectRoot().resolve("worker/example/target/order-handler.jar"),
        handlers.resolve("order-handler.jar"));
    var conf = configuration(database, directory, handlers);
    database.createQueue("orders");
    database.execute(
        """
        create table order_total (
            customer text, currency text, orders bigint not null, amount numeric not null,
            primary key (customer, currency))\
        """);
    try (var provision = worker("provision", conf)) {
      assertThat(provision.exitCode(PATIENCE)).isZero();
    }
    try (var worker = worker("run", conf)) {
      database.insertEvents("orders", "order", List.of("{\"customer\": \"a\"}"));
      for (int n = 0; n < 50; n++) {
        database.insertEvents(
            "orders",
            "order",
            List.of(
                "{\"customer\": \"a\", \"amount\": 1.10}",
                "{\"customer\": \"b\", \"amount\": 0.01, \"note\": \"more\"}"));
        database.tick("orders");
      }
      Await.until(
          "all orders",
          PATIENCE,
          () -> database.number("select coalesce(sum(orders), 0) from order_total") >= 100);
      worker.terminate();
      assertThat(worker.exitCode(PATIENCE)).isZero();
    }

    assertThat(
            database.strings(
                "select concat_ws(' ', customer, currency, orders, amount) from order_total"
                    + " order by 1"))
        .containsExactly("a EUR 50 55.00", "b EUR 50 0.50");
    // The one without an amount.
    assertThat(database.number("select count(*) from pgq.retry_queue")).isOne();
  }

  private static FleetProcess worker(String command, Path conf) {
    return FleetProcess.ofModule("worker").arguments(command, "--config", conf.toString()).start();
  }

  private static Path configuration(TestDatabase database, Path directory, Path handlers)
      throws IOException {
    var password = Files.writeString(directory.resolve("password"), database.password() + "\n");
    var connection =
        "host = \"%s\", port = %d, user = \"%s\", password-file = \"%s\""
            .formatted(database.host(), database.port(), database.user(), password);
    return Files.writeString(
        directory.resolve("fleet.conf"),
        """
        fleet {
          queues { orders {} }
          servers { s1 { %1$s, databases = ["%2$s"] } }
          destination { %1$s, database = "%2$s" }
        }
        worker {
          instance = test
          handlers-directory = "%3$s"
          poll-interval = 50ms
          admin { enabled = false }
          queues { orders { workers = 2, handler {
            type = java, name = order-totals, settings { currency = EUR } } } }
        }
        """
            .formatted(connection, database.name(), handlers));
  }
}
