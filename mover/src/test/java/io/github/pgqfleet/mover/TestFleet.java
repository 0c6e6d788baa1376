package io.github.pgqfleet.mover;

import io.github.pgqfleet.config.ConfigFile;
import io.github.pgqfleet.fixture.Await;
import io.github.pgqfleet.fixture.TestDatabase;
import io.github.pgqfleet.sql.Database;
import io.github.pgqfleet.sql.SqlScript;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/**
 * A few source databases and a destination, with the queue {@value #QUEUE} in each, the mover's
 * state, a configuration file, and a consumer {@value #READER} that reads what has arrived.
 */
final class TestFleet {

  static final String QUEUE = "orders";
  static final String CONSUMER = "pgq_fleet";
  static final String READER = "reader";
  static final Duration PATIENCE = Duration.ofSeconds(30);

  private final TestDatabase destination;
  private final List<TestDatabase> sources;
  private final List<String> queues = new ArrayList<>(List.of(QUEUE));
  private final Path directory;
  private String sourceUser;
  private String destinationUser;

  TestFleet(Path directory, TestDatabase destination, TestDatabase... sources) {
    this.directory = directory;
    this.destination = destination;
    this.sources = new ArrayList<>(List.of(sources));
    this.sourceUser = sources[0].user();
    this.destinationUser = destination.user();
    destination.execute(SqlScript.load(MoverMain.class, "position.sql"));
    createQueue(destination);
    destination.registerConsumer(QUEUE, READER);
    Arrays.stream(sources).forEach(TestFleet::createQueue);
  }

  private static void createQueue(TestDatabase database) {
    database.createQueue(QUEUE);
  }

  /**
   * Creates a queue that wants a tick whenever it is asked, whether it has events or not; with a
   * tick from which on all its events are in one table.
   */
  static void createEagerQueue(TestDatabase database, String queue) {
    database.createQueue(queue);
    makeEager(database, queue);
    tickUnforced(database, queue);
  }

  static void makeEager(TestDatabase database, String queue) {
    database.execute("select pgq.set_queue_config(?, 'ticker_max_lag', '1 ms')", queue);
    database.execute("select pgq.set_queue_config(?, 'ticker_idle_period', '1 ms')", queue);
  }

  /** A tick of such a queue, as a ticker makes it: a forced one moves the event sequence by far. */
  static void tickUnforced(TestDatabase database, String queue) {
    Await.until(
        "a tick of " + queue,
        PATIENCE,
        () -> database.number("select coalesce(pgq.ticker(?), 0)", queue) > 0);
  }

  /** Adds a queue, everywhere. */
  void addQueue(String queue) {
    queues.add(queue);
    destination.createQueue(queue);
    destination.registerConsumer(queue, READER);
    sources.forEach(source -> source.createQueue(queue));
  }

  /** Adds a source to the configuration as it is, whatever is wrong with it. */
  void addSource(TestDatabase source) {
    sources.add(source);
  }

  /** Lets the mover connect as other users than the superuser. */
  void connectAs(String sourceUser, String destinationUser) {
    this.sourceUser = sourceUser;
    this.destinationUser = destinationUser;
  }

  /** The configuration, with more lines in its part {@code mover}. */
  Path configFile(String... moverLines) {
    var servers =
        sources.stream()
            .map(
                s ->
                    "%s { %s databases = [%s] }"
                        .formatted(server(s), address(s, sourceUser), s.name()))
            .collect(Collectors.joining("\n    "));
    var text =
        """
        fleet {
          queues { %s }
          connection { connect-timeout = 2s, socket-timeout = 10s, lock-timeout = 20s }
          servers {
            %s
          }
          destination { %s database = %s }
        }
        mover {
          poll-interval = 100ms
          heartbeat = 500ms
          finish-delay = 0s
          idle-finish-delay = 0s
          admin.enabled = false
          %s
        }
        """
            .formatted(
                queues.stream().map(queue -> queue + " {}").collect(Collectors.joining(", ")),
                servers,
                address(destination, destinationUser),
                destination.name(),
                String.join("\n  ", moverLines));
    try {
      return Files.writeString(directory.resolve("fleet.conf"), text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  MoverConfig config(String... moverLines) {
    return ConfigFile.load(configFile(moverLines), MoverConfig::read);
  }

  private String address(TestDatabase database, String user) {
    var password = "";
    if (!database.password().isEmpty()) {
      try {
        password =
            "password-file = \"%s\","
                .formatted(
                    Files.writeString(directory.resolve("password"), database.password() + "\n"));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    return "host = \"%s\", port = %d, user = %s, %s"
        .formatted(database.host(), database.port(), user, password);
  }

  private String server(TestDatabase source) {
    return "s" + sources.indexOf(source);
  }

  /** The name of a source's queue, as an operator writes it. */
  String queueId(TestDatabase source) {
    return server(source) + "/" + source.name() + "/" + QUEUE;
  }

  /** The queue of a source, as the mover sees it. */
  SourceQueue queue(TestDatabase source, String... moverLines) {
    var config = config(moverLines);
    var server = config.fleet().servers().get(sources.indexOf(source));
    return config.queues(new Database(server.name(), source.name(), server.settings())).getFirst();
  }

  /** The data of everything that has arrived and was not read before, in its order. */
  List<String> arrived() {
    return arrived(QUEUE);
  }

  /** The same of another queue. */
  List<String> arrived(String queue) {
    destination.tick(queue);
    return destination.consume(queue, READER);
  }

  /** Waits until a number of events have arrived; returns all that have, in their order. */
  List<String> awaitArrival(int count) {
    return awaitArrival(QUEUE, count);
  }

  /** The same of another queue. */
  List<String> awaitArrival(String queue, int count) {
    var all = new ArrayList<String>();
    return Await.value(
        count + " events at the destination",
        PATIENCE,
        () -> {
          all.addAll(arrived(queue));
          return all;
        },
        list -> list.size() >= count);
  }

  /** Waits until the source has nothing open or pending for the mover. */
  void awaitDrained(TestDatabase source) {
    var last = source.tick(QUEUE);
    Await.until(
        source.name() + " to be drained up to tick " + last,
        PATIENCE,
        () ->
            source.number(
                    """
                    select count(*) from pgq.subscription s
                      join pgq.consumer c on c.co_id = s.sub_consumer
                     where c.co_name = ? and s.sub_batch is null and s.sub_last_tick >= ?""",
                    CONSUMER,
                    last)
                == 1);
  }

  /** Waits until the mover has registered at a source. */
  void awaitPosition(TestDatabase source) {
    Await.until(
        "registration of " + source.name(),
        PATIENCE,
        () ->
            !position(source).equals("none")
                && source.number("select count(*) from pgq.subscription") == 1);
  }

  /** The position row of a source's queue, as text. */
  String position(TestDatabase source) {
    return destination.string(
        "select coalesce((select state || ' ' || coalesce(tick_id::text, '-')"
            + " from pgq_fleet.position where source = ?), 'none')",
        server(source) + "/" + source.name());
  }
}
