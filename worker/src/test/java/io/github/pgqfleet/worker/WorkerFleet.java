package io.github.pgqfleet.worker;

import io.github.pgqfleet.config.ConfigFile;
import io.github.pgqfleet.fixture.Await;
import io.github.pgqfleet.fixture.FleetProcess;
import io.github.pgqfleet.fixture.TestDatabase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Assertions;

/**
 * A database with queue {@code orders}, a table {@code handled} that handlers write to, and a
 * {@code fleet.conf} for it.
 */
final class WorkerFleet {

  /** The beginning of a worker's section that looks for work often. */
  static final String QUICK = "poll-interval = 50ms, ";

  static final Duration SOON = Duration.ofSeconds(30);

  final TestDatabase database;
  private final Path directory;
  private final List<String> queues = new ArrayList<>();
  private final List<WorkerApplication> applications = new ArrayList<>();
  private final List<FleetProcess> processes = new ArrayList<>();
  private final List<TestEndpoint> endpoints = new ArrayList<>();

  WorkerFleet(TestDatabase database, Path directory) {
    this.database = database;
    this.directory = directory;
    createQueue("orders");
    database.execute("create table handled (ev_id bigint, data text, subconsumer text)");
  }

  /** A queue beside {@code orders}, which configurations written from now on have, too. */
  void createQueue(String queue) {
    database.createQueue(queue);
    queues.add(queue);
  }

  /** Writes {@code fleet.conf}; {@code worker} is the inside of the section of that name. */
  Path conf(String worker) throws IOException {
    var password = Files.writeString(directory.resolve("password"), database.password() + "\n");
    var connection =
        "host = \"%s\", port = %d, user = \"%s\", password-file = \"%s\""
            .formatted(database.host(), database.port(), database.user(), password);
    return Files.writeString(
        directory.resolve("fleet.conf"),
        """
        fleet {
          queues { %5$s }
          connection { lock-timeout = 60s }
          servers { s1 { %1$s, databases = ["%2$s"] } }
          destination { %1$s, database = "%2$s" }
        }
        worker {
          instance = test
          handlers-directory = "%3$s"
          admin { enabled = false }
          %4$s
        }
        """
            .formatted(
                connection,
                database.name(),
                directory.resolve("handlers"),
                worker,
                String.join(", ", queues.stream().map(q -> q + " {}").toList())));
  }

  /** The inside of a worker's section with the handler of {@link TestHandlers} in some mode. */
  static String java(String mode, int workers) {
    return QUICK
        + "queues { orders { workers = %d, handler { type = java, name = test, settings { mode = %s } } } }"
            .formatted(workers, mode);
  }

  /** The same with an endpoint, and options of that handler. */
  static String http(TestEndpoint endpoint, int workers, String options) {
    return QUICK
        + "queues { orders { workers = %d, handler { type = http, url = \"%s\", %s } } }"
            .formatted(workers, endpoint.url(), options);
  }

  /** An endpoint that answers until all is stopped. */
  TestEndpoint endpoint(TestEndpoint.Answering answering) throws IOException {
    var endpoint = new TestEndpoint(answering);
    endpoints.add(endpoint);
    return endpoint;
  }

  /** Installs pgq_coop and registers the consumer, as {@code worker provision} does. */
  void provision(Path conf) {
    Assertions.assertEquals(
        0,
        io.github.pgqfleet.cli.FleetCli.execute(
            new WorkerMain(), "provision", "--config", conf.toString()));
  }

  /** Provisions, and runs a worker inside this JVM. */
  WorkerApplication start(String worker) throws IOException {
    var conf = conf(worker);
    provision(conf);
    var application = new WorkerApplication(ConfigFile.load(conf, WorkerConfig::read));
    applications.add(application);
    application.start();
    return application;
  }

  /** Runs a worker inside this JVM that connects as another role; all is provisioned already. */
  WorkerApplication startAs(String role, String password, String worker) throws IOException {
    var conf = conf(worker);
    var own = Files.writeString(directory.resolve("password-" + role), password + "\n");
    Files.writeString(
        conf,
        Files.readString(conf)
            .replace("user = \"" + database.user() + "\"", "user = \"" + role + "\"")
            .replace(directory.resolve("password") + "\"", own + "\""));
    var application = new WorkerApplication(ConfigFile.load(conf, WorkerConfig::read));
    applications.add(application);
    application.start();
    return application;
  }

  /** Runs {@code worker.jar} as a process of its own. */
  FleetProcess startProcess(Path conf, String... jvmOptions) {
    var process =
        FleetProcess.ofModule("worker")
            .jvmOptions(jvmOptions)
            .arguments("run", "--config", conf.toString())
            .start();
    processes.add(process);
    return process;
  }

  Path handlersDirectory() throws IOException {
    return Files.createDirectories(directory.resolve("handlers"));
  }

  /** Events {@code from} to {@code to}, their numbers as data, in one batch. */
  void tickWith(int from, int to) {
    database.insertEvents("orders", "test", numbers(from, to));
    database.tick("orders");
  }

  static List<String> numbers(int from, int to) {
    return IntStream.rangeClosed(from, to).mapToObj(Integer::toString).toList();
  }

  /** What handlers have committed, in the order of the events. */
  List<String> handled() {
    return database.strings("select data from handled order by ev_id, data");
  }

  void awaitHandled(int count) {
    Await.until(
        count + " handled events",
        SOON,
        () -> database.number("select count(*) from handled") >= count);
  }

  /** Waits until no batch is open and none is waiting. */
  void awaitDrained() {
    Await.until(
        "all batches to be finished",
        SOON,
        () ->
            database.number(
                    """
                    select count(*) from pgq.subscription
                     where sub_batch is not null
                        or (sub_next_tick is null and sub_last_tick
                            < (select max(tick_id) from pgq.tick where tick_queue = sub_queue))\
                    """)
                == 0);
  }

  /** Waits until an open batch has been heard of for two seconds from now on. */
  void awaitSignsOfLife() {
    var since = database.string("select clock_timestamp()::text");
    Await.until(
        "signs of life",
        SOON,
        () ->
            database.number(
                    "select count(*) from pgq.subscription"
                        + " where sub_batch > 0 and sub_active > ?::timestamptz + interval '2 s'",
                    since)
                == 1);
  }

  List<String> members() {
    return database.strings(
        "select co_name from pgq.subscription join pgq.consumer on co_id = sub_consumer order by"
            + " 1");
  }

  void stopAll() throws InterruptedException {
    for (var application : applications) {
      application.stop(Duration.ofSeconds(5));
    }
    processes.forEach(FleetProcess::close);
    endpoints.forEach(TestEndpoint::close);
  }
}
