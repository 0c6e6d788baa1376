package io.github.pgqfleet.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.github.pgqfleet.config.ConfigFile;
import io.github.pgqfleet.config.ConfigurationException;
import io.github.pgqfleet.worker.failed.RetryPolicy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WorkerConfigTest {

  private static final String FLEET =
      """
      fleet {
        queues { orders {}, audit {} }
        servers { db01 { host = localhost, databases = [app] } }
        destination { host = localhost, database = central }
      }
      """;

  @TempDir private Path directory;

  @Test
  void readsQueuesHandlersAndDefaults() throws IOException {
    var config =
        read(
            """
            worker {
              instance = host1
              queues {
                orders { workers = 4, handler { type = java, name = o, settings { currency = EUR, limit = 5 } } }
                audit { handler { type = sql, function = "app.handle" }, retry { attempts = 2 } }
              }
            }
            """);

    var orders = config.queues().get("orders");
    assertThat(orders)
        .isEqualTo(
            new WorkerConfig.Queue(
                "orders",
                4,
                OptionalInt.empty(),
                new HandlerSpec.Java("o", Map.of("currency", "EUR", "limit", "5")),
                new RetryPolicy(5, Duration.ofSeconds(10), Duration.ofHours(1))));
    assertThat(config.queues().get("audit"))
        .isEqualTo(
            new WorkerConfig.Queue(
                "audit",
                1,
                OptionalInt.empty(),
                new HandlerSpec.SqlFunction("app.handle"),
                new RetryPolicy(2, Duration.ofSeconds(10), Duration.ofHours(1))));
    assertThat(config.consumer()).isEqualTo("workers");
    assertThat(config.deadInterval()).isEqualTo(Duration.ofMinutes(1));
    assertThat(config.workers()).isEqualTo(5);
    assertThat(config.queues().values().stream().map(q -> config.subConsumer(q, 1).toString()))
        .containsExactly("audit/workers.host1_1", "orders/workers.host1_1");
  }

  @Test
  void listsAllMistakesWithTheirLines() throws IOException {
    var conf =
        write(
            """
            worker {
              dead-interval = -1s
              heartbeat = 3s
              queues {
                orders { workers = many, handler { type = perl } }
                bills { handler { type = sql } }
              }
            }
            """);

    var failure =
        catchThrowableOfType(
            ConfigurationException.class, () -> ConfigFile.load(conf, WorkerConfig::read));

    assertThat(failure.problems())
        .allMatch(problem -> problem.startsWith(conf + ":"))
        .anyMatch(problem -> problem.contains(":7: worker.dead-interval is negative"))
        .anyMatch(problem -> problem.contains(":8: worker.heartbeat is not a known key"))
        .anyMatch(
            problem -> problem.contains(":10: worker.queues.orders.workers has the wrong type"))
        .anyMatch(problem -> problem.contains(":10: worker.queues.orders.handler.type is \"perl\""))
        .anyMatch(problem -> problem.contains(":11: worker.queues.bills.handler is of a queue"))
        .anyMatch(problem -> problem.contains("worker.queues.bills.handler.function is missing"));
  }

  @Test
  void readsHandlersOutsideTheDatabaseOverTheirDefaults() throws IOException {
    var config =
        read(
            """
            worker {
              http { timeout = 3s, headers { A = b } }
              queues {
                orders {
                  max-events-per-second = 20
                  handler { type = http, url = "http://localhost:1/x", per = event, dead-on = [ 410 ] }
                }
                audit { handler { type = command, command = [ cat, -u ], decode = urlencoded } }
              }
            }
            """);

    assertThat(config.queues().get("orders"))
        .isNotNull()
        .satisfies(q -> assertThat(q.maxEventsPerSecond()).hasValue(20))
        .extracting(WorkerConfig.Queue::handler)
        .isInstanceOfSatisfying(
            HandlerSpec.Http.class,
            http -> {
              assertThat(http.url()).hasToString("http://localhost:1/x");
              assertThat(http.options().timeout()).isEqualTo(Duration.ofSeconds(3));
              assertThat(http.options().headers()).containsExactly(Map.entry("A", "b"));
              assertThat(http.options().toString()).contains("per=EVENT").doesNotContain("b]");
            });
    assertThat(config.queues().get("audit"))
        .isNotNull()
        .extracting(WorkerConfig.Queue::handler)
        .isInstanceOfSatisfying(
            HandlerSpec.Command.class,
            command -> {
              assertThat(command.command()).containsExactly("cat", "-u");
              assertThat(command.options().deadOn()).containsExactly(65);
            });
  }

  @Test
  void namesWhatIsWrongWithHandlersOutsideTheDatabase() throws IOException {
    var conf =
        write(
            """
            worker {
              command { dead-on = [ 0 ] }
              queues {
                orders { handler { type = http, url = "localhost:1", retry-on = [ 5xx, 2xx, slow ] } }
                audit { handler { type = command, command = [], shell = true } }
              }
            }
            """);

    var failure =
        catchThrowableOfType(
            ConfigurationException.class, () -> ConfigFile.load(conf, WorkerConfig::read));

    assertThat(failure.problems())
        .anyMatch(p -> p.contains(":7: worker.command.dead-on names \"0\""))
        .anyMatch(p -> p.contains(":9: worker.queues.orders.handler.url is no address of HTTP"))
        .anyMatch(p -> p.contains("handler.retry-on names \"slow\""))
        .anyMatch(p -> p.contains("handler.retry-on names \"2xx\", and so does handled-on"))
        .anyMatch(p -> p.contains(":10: worker.queues.audit.handler.command is empty"))
        .anyMatch(p -> p.contains("worker.queues.audit.handler.shell is not a known key"));
  }

  @Test
  void wantsHeartbeatsWellWithinTheDeadInterval() throws IOException {
    var conf =
        write(
            """
            worker {
              dead-interval = 15s
              queues { orders { handler { type = sql, function = f } } }
            }
            """);

    var failure =
        catchThrowableOfType(
            ConfigurationException.class, () -> ConfigFile.load(conf, WorkerConfig::read));

    assertThat(failure.problems())
        .singleElement()
        .asString()
        .contains(":7: worker.dead-interval must be");
  }

  @Test
  void refusesRetriesThatMakeNoSense() throws IOException {
    var conf =
        write(
            """
            worker {
              retry { attempts = 0, first-delay = 2h }
              queues { orders { handler { type = sql, function = f }, retry { atempts = 3 } } }
            }
            """);

    var failure =
        catchThrowableOfType(
            ConfigurationException.class, () -> ConfigFile.load(conf, WorkerConfig::read));

    assertThat(failure.problems())
        .anyMatch(problem -> problem.contains(":7: worker.retry.attempts is 0; it must be from 1"))
        .anyMatch(problem -> problem.contains("worker.retry.longest-delay must not be shorter"))
        .anyMatch(problem -> problem.contains("worker.queues.orders.retry.atempts is not a known"));
  }

  private WorkerConfig read(String worker) throws IOException {
    return ConfigFile.load(write(worker), WorkerConfig::read);
  }

  private Path write(String worker) throws IOException {
    return Files.writeString(directory.resolve("fleet.conf"), FLEET + worker);
  }
}
