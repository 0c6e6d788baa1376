package io.github.pgqfleet.worker;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgqfleet.fixture.Await;
import io.github.pgqfleet.fixture.OnEachServer;
import io.github.pgqfleet.fixture.PgqServerExtension;
import io.github.pgqfleet.fixture.TestDatabase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Our workers and Skytools' CoopConsumer in Python in one group, on our pgq_coop. */
@ExtendWith(PgqServerExtension.class)
@OnEachServer
class MixedGroupIT {

  private static final int BATCHES = 200;

  private final TestDatabase database;
  private final WorkerFleet fleet;
  private final Path directory;
  private final List<Process> processes = new ArrayList<>();

  MixedGroupIT(TestDatabase database, @TempDir Path directory) {
    this.database = database;
    this.fleet = new WorkerFleet(database, directory);
    this.directory = directory;
  }

  @AfterEach
  void stopsWorkers() throws InterruptedException {
    for (var process : processes) {
      process.destroyForcibly().waitFor();
    }
    fleet.stopAll();
  }

  @Test
  void sharesAQueueWithConsumersInPython() throws Exception {
    fleet.start(WorkerFleet.java("record", 2));
    startPython("python_1");
    startPython("python_2");
    Await.until(
        "all to be in the group",
        WorkerFleet.SOON,
        () ->
            fleet
                .members()
                .equals(
                    List.of(
                        "workers",
                        "workers.python_1",
                        "workers.python_2",
                        "workers.test_1",
                        "workers.test_2")));

    for (int batch = 0; batch < BATCHES; batch++) {
      fleet.tickWith(batch * 5 + 1, batch * 5 + 5);
    }
    fleet.awaitDrained();

    assertThat(fleet.handled()).containsExactlyElementsOf(WorkerFleet.numbers(1, BATCHES * 5));
    assertThat(
            database.strings(
                "select distinct split_part(subconsumer, '_', 1) from handled order by 1"))
        .containsExactly("python", "test");
  }

  @Test
  void takesOverTheBatchOfADeadConsumerInPython() throws Exception {
    fleet.provision(fleet.conf(WorkerFleet.java("record", 1)));
    database.execute("alter table handled add check (data <> 'hold' or pg_sleep(600) is not null)");
    var python = startPython("python_1");
    Await.until("registration", WorkerFleet.SOON, () -> fleet.members().size() == 2);
    database.insertEvents("orders", "test", List.of("1", "hold"));
    database.tick("orders");
    Await.until(
        "it to be in its batch",
        WorkerFleet.SOON,
        () ->
            database.number(
                    "select count(*) from pg_stat_activity where wait_event = 'PgSleep'"
                        + " and datname = current_database()")
                == 1);
    python.destroyForcibly().waitFor();
    database.execute(
        """
        select pg_terminate_backend(pid) from pg_stat_activity
         where wait_event = 'PgSleep' and datname = current_database()\
        """);
    database.execute("alter table handled drop constraint handled_data_check");

    fleet.start("dead-interval = 1s, heartbeat-interval = 100ms, " + WorkerFleet.java("record", 1));
    fleet.awaitDrained();

    assertThat(fleet.handled()).containsExactly("1", "hold");
  }

  private Process startPython(String subconsumer) throws IOException {
    var script = directory.resolve("consumer.py");
    try (var in = MixedGroupIT.class.getResourceAsStream("coop_consumer.py")) {
      Files.write(script, java.util.Objects.requireNonNull(in).readAllBytes());
    }
    var configuration = directory.resolve(subconsumer + ".ini");
    Files.writeString(
        configuration,
        """
        [coop_consumer]
        queue_name = orders
        consumer_name = workers
        subconsumer_name = %s
        db = host=%s port=%d user=%s dbname=%s password=%s
        loop_delay = 0.05
        use_skylog = 0
        """
            .formatted(
                subconsumer,
                database.host(),
                database.port(),
                database.user(),
                database.name(),
                database.password().isEmpty() ? "unused" : database.password()));
    var log = directory.resolve(subconsumer + ".log").toFile();
    var process =
        new ProcessBuilder(python(), script.toString(), configuration.toString())
            .redirectErrorStream(true)
            .redirectOutput(log)
            .start();
    processes.add(process);
    return process;
  }

  private static String python() {
    var named = System.getenv("PGQ_PYTHON");
    return named == null ? "/usr/bin/python3" : named;
  }
}
