package io.github.pgqfleet.worker;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.pgqfleet.fixture.Await;
import io.github.pgqfleet.fixture.FleetProcess;
import io.github.pgqfleet.fixture.PgqServerExtension;
import io.github.pgqfleet.fixture.TestDatabase;
import io.github.pgqfleet.worker.coop.PgqCoop;
import io.github.pgqfleet.worker.coop.SubConsumerId;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** A queue whose events a real shell command is fed. */
@ExtendWith(PgqServerExtension.class)
class CommandHandlerIT {

  private final TestDatabase database;
  private final WorkerFleet fleet;
  private final Path directory;

  CommandHandlerIT(TestDatabase database, @TempDir Path directory) {
    this.database = database;
    this.fleet = new WorkerFleet(database, directory);
    this.directory = directory;
  }

  @AfterEach
  void stopsWorkers() throws InterruptedException {
    fleet.stopAll();
  }

  @Test
  void feedsTheEventsOfABatchAsLinesOfJson() throws Exception {
    start("cat >> out; echo $PGQ_QUEUE $PGQ_CONSUMER $PGQ_SUBCONSUMER >> env", "");
    fleet.tickWith(1, 100);
    fleet.awaitDrained();

    assertThat(data()).containsExactlyElementsOf(WorkerFleet.numbers(1, 100));
    assertThat(lines("env")).containsExactly("orders workers test_1");
  }

  @Test
  void runsTheCommandAgainForFurtherPartsOfALargeBatch() throws Exception {
    start("echo run >> runs; cat >> out", "events-per-call = 1000");
    database.execute(
        "select count(pgq.insert_event('orders', 'test', n::text)) from generate_series(1, 12000)"
            + " n");
    database.tick("orders");
    fleet.awaitDrained();

    assertThat(lines("runs")).hasSize(12);
    assertThat(data()).containsExactlyElementsOf(WorkerFleet.numbers(1, 12_000));
  }

  @Test
  void runsTheCommandForEachEvent() throws Exception {
    start("echo run >> runs; cat >> out", "per = event");
    fleet.tickWith(1, 5);
    fleet.awaitDrained();

    assertThat(lines("runs")).hasSize(5);
    assertThat(data()).containsExactly("1", "2", "3", "4", "5");
  }

  @Test
  void waitsWhileTheCommandSaysThatItCannotWork() throws Exception {
    start("if [ -e ready ]; then cat >> out; else echo run >> runs; exit 75; fi", "");
    fleet.tickWith(1, 3);
    Await.until("two attempts", WorkerFleet.SOON, () -> lines("runs").size() >= 2);
    Files.createFile(directory.resolve("ready"));
    fleet.awaitDrained();

    assertThat(data()).containsExactly("1", "2", "3");
  }

  @Test
  void handlesMoreThanThePipesHold() throws Exception {
    start("tee -a out | tee -a /dev/stderr", "");
    database.execute(
        "select count(pgq.insert_event('orders', 'test', n || repeat('x', 1000)))"
            + " from generate_series(1, 900) n");
    database.tick("orders");
    fleet.awaitDrained();

    assertThat(data()).hasSize(900);
  }

  @Test
  void heedsTheAnswerOfACommandThatLeavesAChildBehind() throws Exception {
    start("cat >> out; echo '{\"failed\": [{\"id\": 2}]}'; sleep 1000 & echo $! > child", "");
    fleet.tickWith(1, 3);
    try {
      fleet.awaitDrained();
    } finally {
      ProcessHandle.of(Long.parseLong(lines("child").getFirst())).ifPresent(ProcessHandle::destroy);
    }

    assertThat(database.strings("select ev_data from pgq.retry_queue")).containsExactly("2");
  }

  @Test
  void doesNotHoldInMemoryWhatACommandComplainsOfWithoutEnd() throws Exception {
    var conf =
        fleet.conf(conf("cat >> out; head -c 200000000 /dev/zero >&2; echo done >&2; exit 3", ""));
    fleet.provision(conf);
    fleet.tickWith(1, 3);
    var worker = fleet.startProcess(conf, "-Xmx48m");
    worker.awaitLine("event=failed exit_code=3", WorkerFleet.SOON);
    fleet.awaitDrained();

    assertThat(database.strings("select ev_data from pgq.retry_queue order by ev_id"))
        .containsExactly("1", "2", "3");
    assertThat(worker.output()).doesNotContain("OutOfMemoryError");
  }

  @Test
  void goesOnWithAllElseHoweverManyCommandsRun() throws Exception {
    // More than the carriers that the JVM adds for what blocks, with two pipes each.
    int commands = 140;
    var gate = directory.resolve("gate");
    assertThat(new ProcessBuilder("mkfifo", gate.toString()).start().waitFor()).isZero();
    var conf =
        conf("echo run >> runs; : < gate; cat >> out", "")
            .replace("orders {", "orders { workers = " + commands + ",");
    fleet.provision(fleet.conf(conf));
    for (int n = 1; n <= commands; n++) {
      fleet.tickWith(n, n);
    }
    fleet.start(conf);
    Await.until("all to run", WorkerFleet.SOON, () -> lines("runs").size() == commands);
    var other = new CountDownLatch(1);
    Thread.ofVirtual().start(other::countDown);

    assertThat(other.await(10, TimeUnit.SECONDS)).isTrue();
    // Who opens both ends waits for nobody, and lets all others pass.
    try (var _ = new RandomAccessFile(gate.toFile(), "rw")) {
      fleet.awaitDrained();
    }
    assertThat(data()).hasSize(commands);
  }

  @Test
  void tellsTheCommandNoPasswordOfTheFleet() throws Exception {
    var conf = fleet.conf(conf("env > env", ""));
    fleet.provision(conf);
    Files.writeString(
        conf,
        Files.readString(conf)
            .replaceAll("password-file = \"[^\"]*\"", "password-env = FLEET_PASSWORD"));
    fleet.tickWith(1, 1);
    try (var _ =
        FleetProcess.ofModule("worker")
            .environment("FLEET_PASSWORD", database.password())
            .environment("OTHER", "inherited")
            .arguments("run", "--config", conf.toString())
            .start()) {
      fleet.awaitDrained();
    }

    assertThat(lines("env"))
        .contains("OTHER=inherited", "PGQ_QUEUE=orders")
        .noneMatch(line -> line.startsWith("FLEET_PASSWORD"));
  }

  @Test
  void killsTheCommandAndItsChildrenWhenTheBatchIsLost() throws Exception {
    Files.writeString(
        directory.resolve("slow"),
        "if [ -e go ]; then cat >> out; else sleep 1000 & echo $! > child; wait; fi");
    fleet.start(
        "dead-interval = 1h, heartbeat-interval = 50ms, " + conf(". ./slow", "timeout = 10m"));
    fleet.tickWith(1, 1);
    Await.until("the command to run", WorkerFleet.SOON, () -> lines("child").size() == 1);
    long child = Long.parseLong(lines("child").getFirst());
    try (var connection = database.connect()) {
      Files.createFile(directory.resolve("go"));
      var other = new PgqCoop(connection);
      long taken =
          other
              .nextBatch(new SubConsumerId("orders", "workers", "other"), Duration.ZERO)
              .orElseThrow();
      fleet.tickWith(2, 2);
      Await.until("the next batch", WorkerFleet.SOON, () -> data().equals(List.of("2")));
      assertThat(other.finishBatch(taken)).isTrue();
    }
    Await.until(
        "the child's end",
        WorkerFleet.SOON,
        () -> ProcessHandle.of(child).map(p -> !p.isAlive()).orElse(true));
    fleet.awaitDrained();
    assertThat(data()).containsExactly("2");
  }

  private void start(String script, String options) throws IOException {
    fleet.start(conf(script, options));
  }

  private String conf(String script, String options) {
    return WorkerFleet.QUICK
        + "queues { orders { handler { type = command, command = [ sh, -c, \"cd %s; %s\" ], %s } } }"
            .formatted(directory, script.replace("\"", "\\\""), options);
  }

  private List<String> lines(String file) throws IOException {
    var path = directory.resolve(file);
    return Files.exists(path) ? Files.readAllLines(path) : List.of();
  }

  private List<String> data() throws IOException {
    var data = new ArrayList<String>();
    for (var line : lines("out")) {
      data.add(new ObjectMapper().readTree(line).path("data").asText());
    }
    return data;
  }
}
