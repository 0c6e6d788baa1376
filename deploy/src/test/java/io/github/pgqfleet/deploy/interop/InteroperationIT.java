package io.github.pgqfleet.deploy.interop;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgqfleet.fixture.Await;
import io.github.pgqfleet.fixture.FleetProcess;
import io.github.pgqfleet.fixture.OnEachServer;
import io.github.pgqfleet.fixture.PgqServer;
import io.github.pgqfleet.fixture.PgqServerExtension;
import io.github.pgqfleet.fixture.TestDatabase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * Each of our processes beside the field's own, and in their place. Not where PgQ is no extension:
 * pgqd passes such a database over, since its {@code pgq.version()} is empty there.
 */
@ExtendWith(PgqServerExtension.class)
@OnEachServer
@Tag("pgqd")
class InteroperationIT {

  private static final Duration PATIENCE = Duration.ofSeconds(90);

  private final TestDatabase source;
  private final TestDatabase destination;
  private final Path directory;
  private final Path conf;
  private int written;

  InteroperationIT(PgqServer server, @TempDir Path directory) throws IOException {
    this.source = server.newDatabase();
    this.destination = server.newDatabase();
    this.directory = directory;
    this.conf = configuration();
    destination.execute("create table handled (data text, who text)");
    destination.execute(
        """
        create function handle(bigint, timestamptz, bigint, integer, text, text, text, text, text,
            text) returns void language sql as $$ insert into handled values ($6, 'ours') $$\
        """);
    run("ticker", "provision");
  }

  @Test
  void pgqdTicksForOurMoverAndOurWorkers() throws Exception {
    run("mover", "provision");
    run("worker", "provision");
    try (var pgqd = FieldTool.pgqd(directory, source, destination);
        var mover = start("mover");
        var worker = start("worker")) {
      write(100);
      awaitHandled();
      worker.terminate();
      mover.terminate();
      assertThat(worker.exitCode(PATIENCE)).isZero();
      assertThat(mover.exitCode(PATIENCE)).isZero();
      pgqd.stop();
    }
    assertHandledOnceBy("ours");
  }

  @Test
  void ourTickerTicksForAConsumerInPythonAndSendsItItsRetries() throws Exception {
    destination.registerConsumer("orders", "workers");
    try (var ticker = start("ticker");
        var python = FieldTool.consumer(directory, destination)) {
      destination.insertEvents("orders", "test", List.of("a", "later", "b"));
      Await.until(
          "three handled events",
          PATIENCE,
          () -> destination.number("select count(*) from handled") >= 3);
      python.stop();
      ticker.terminate();
      assertThat(ticker.exitCode(PATIENCE)).isZero();
    }
    assertThat(destination.strings("select data from handled order by 1"))
        .containsExactly("a", "b", "later");
    assertThat(destination.number("select count(*) from pgq.retry_queue")).isZero();
  }

  @Test
  void ourFleetTakesOverWhatSkytoolsManagesAndHandsItBack() throws Exception {
    destination.execute(
        FieldTool.resource("/io/github/pgqfleet/deploy/bench/skytools_destination.sql"));
    var theirs = "skytools/src/orders";
    source.registerConsumer("orders", theirs);
    destination.registerConsumer("orders", "workers");
    try (var pgqd = FieldTool.pgqd(directory, source, destination);
        var mover = FieldTool.mover(directory, source, destination);
        var consumer = FieldTool.consumer(directory, destination)) {
      write(100);
      awaitHandled();
      // More that may be anywhere on their way when they stop.
      write(20);
      mover.stop();
      consumer.stop();
      pgqd.stop();
    }
    write(20);

    takeOver(theirs);
    try (var ticker = start("ticker");
        var mover = start("mover");
        var worker = start("worker")) {
      awaitHandled();
      write(100);
      awaitHandled();
      write(20);
      for (var process : List.of(mover, worker, ticker)) {
        process.terminate();
        assertThat(process.exitCode(PATIENCE)).as(process.output()).isZero();
      }
    }
    write(20);

    var last = destination.number("select tick_id from pgq_fleet.position");
    destination.execute("select pgq_ext.set_last_tick(?, ?)", theirs, last);
    moveConsumer(theirs, last);
    source.execute("select pgq.unregister_consumer('orders', 'pgq_fleet')");
    try (var pgqd = FieldTool.pgqd(directory, source, destination);
        var mover = FieldTool.mover(directory, source, destination);
        var consumer = FieldTool.consumer(directory, destination)) {
      awaitHandled();
      write(100);
      awaitHandled();
      mover.stop();
      consumer.stop();
      pgqd.stop();
    }
    write(20);

    destination.execute("delete from pgq_fleet.position");
    takeOver(theirs);
    try (var ticker = start("ticker");
        var mover = start("mover");
        var worker = start("worker")) {
      awaitHandled();
      for (var process : List.of(mover, worker, ticker)) {
        process.terminate();
        assertThat(process.exitCode(PATIENCE)).as(process.output()).isZero();
      }
    }
    assertHandledOnceBy("ours", "python");
  }

  private void takeOver(String theirs) throws Exception {
    run("mover", "provision");
    run("worker", "provision");
    moveConsumer("pgq_fleet", destination.number("select pgq_ext.get_last_tick(?)", theirs));
    source.execute("select pgq.unregister_consumer('orders', ?)", theirs);
  }

  private void moveConsumer(String consumer, long tick) {
    source.execute("select pgq.register_consumer_at('orders', ?, ?)", consumer, tick);
  }

  /** Writes the next numbers at the source, ten in a transaction. */
  private void write(int events) {
    for (int end = written + events; written < end; written += 10) {
      source.insertEvents(
          "orders",
          "test",
          IntStream.rangeClosed(written + 1, written + 10).mapToObj(Integer::toString).toList());
    }
  }

  private void awaitHandled() {
    Await.until(
        written + " handled events",
        PATIENCE,
        () -> destination.number("select count(distinct data) from handled") >= written);
  }

  private void assertHandledOnceBy(String... who) {
    assertThat(destination.strings("select data from handled order by data::integer"))
        .containsExactlyElementsOf(
            IntStream.rangeClosed(1, written).mapToObj(Integer::toString).toList());
    assertThat(destination.strings("select distinct who from handled order by 1"))
        .containsExactly(who);
  }

  private FleetProcess start(String module) {
    return FleetProcess.ofModule(module).arguments("run", "--config", conf.toString()).start();
  }

  private void run(String module, String... arguments) {
    var all = new ArrayList<>(List.of(arguments));
    all.addAll(List.of("--config", conf.toString()));
    try (var command =
        FleetProcess.ofModule(module).arguments(all.toArray(String[]::new)).start()) {
      assertThat(command.exitCode(PATIENCE)).as(command.output()).isZero();
    }
  }

  private Path configuration() throws IOException {
    var password = Files.writeString(directory.resolve("password"), destination.password() + "\n");
    return Files.writeString(
        directory.resolve("fleet.conf"),
        """
        fleet {
          queues { orders {} }
          queue-defaults { ticker-max-lag = 100ms, ticker-idle-period = 1s }
          servers { s1 { %1$s, databases = ["%2$s"] } }
          destination { %1$s, database = "%3$s" }
        }
        ticker { period = 100ms, retry-period = 1s, admin.enabled = false }
        mover { poll-interval = 100ms, heartbeat = 500ms, admin.enabled = false }
        worker {
          instance = test
          consumer = workers
          poll-interval = 100ms
          admin.enabled = false
          queues { orders { workers = 2, handler { type = sql, function = handle } } }
        }
        """
            .formatted(
                "host = \"%s\", port = %d, user = \"%s\", password-file = \"%s\""
                    .formatted(
                        destination.host(), destination.port(), destination.user(), password),
                source.name(),
                destination.name()));
  }
}
