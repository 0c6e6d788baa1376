package io.github.pgqfleet.mover.campaign;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgqfleet.fixture.Await;
import io.github.pgqfleet.fixture.FleetProcess;
import io.github.pgqfleet.fixture.PrivateCluster;
import io.github.pgqfleet.fixture.TestDatabase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Two source databases in one cluster, a destination in another, with three queues, a ticker that
 * rotates them all the time, and two movers. Not thread-safe.
 */
final class CampaignFleet implements AutoCloseable {

  static final List<String> QUEUES = List.of("orders", "payments", "returns");
  static final Duration PATIENCE = Duration.ofSeconds(60);

  /** What has been kept from moving for a whole campaign may be much. */
  private static final Duration BACKLOG = Duration.ofMinutes(3);

  /** How the second mover differs: it streams each batch, where the first reads it ahead. */
  private static final String SECOND = "buffer-size = 1KiB\n  coalesce-events = 0";

  private static final String SERVER = "s";

  private final PrivateCluster sourceCluster = PrivateCluster.builder().start();
  private final PrivateCluster destinationCluster = PrivateCluster.builder().start();
  private final List<TestDatabase> sources = List.of(source("app_1"), source("app_2"));
  private final TestDatabase destination = TestDatabase.at(destinationCluster.jdbcUrl("central"));
  private final FleetProcess ticker;
  private final List<CampaignMover> movers;
  private final Map<String, Set<Long>> rotations = new HashMap<>();

  CampaignFleet(Path directory) throws Exception {
    for (var source : sources) {
      sourceCluster.createDatabase(source.name());
    }
    destinationCluster.createDatabase(destination.name());
    var tickerConfig =
        Files.writeString(
            directory.resolve("ticker.conf"),
            commonConfig(sourceCluster.port(), destinationCluster.port())
                + """
                ticker {
                  period = 50ms
                  maintenance-period = 1s
                  admin.enabled = false
                }
                """);
    provision("ticker", tickerConfig);
    QUEUES.forEach(queue -> destination.registerConsumer(queue, Arrival.CONSUMER));
    var first = mover("first", directory, "");
    provision("mover", first.config());
    movers = List.of(first, mover("second", directory, SECOND));
    ticker =
        FleetProcess.ofModule("ticker")
            .arguments("run", "--config", tickerConfig.toString())
            .log(directory.resolve("ticker.log"))
            .start();
  }

  private TestDatabase source(String name) {
    return TestDatabase.at(sourceCluster.jdbcUrl(name));
  }

  private CampaignMover mover(String name, Path directory, String settings) throws IOException {
    return new CampaignMover(name, directory, sourceCluster, destinationCluster, settings);
  }

  private static void provision(String module, Path config) {
    try (var command =
        FleetProcess.ofModule(module)
            .arguments("provision", "--config", config.toString())
            .start()) {
      assertThat(command.exitCode(PATIENCE)).as(command.output()).isZero();
    }
  }

  /** What ticker and movers share, with the ports at which they reach the clusters. */
  static String commonConfig(int sourcePort, int destinationPort) {
    return """
        fleet {
          queue-defaults { ticker-max-lag = 500ms, ticker-idle-period = 1s, rotation-period = 1s }
          queues { %s }
          connection {
            host = "127.0.0.1", user = postgres, ssl-mode = disable
            connect-timeout = 2s, socket-timeout = 15s, statement-timeout = 10s, lock-timeout = 5s
          }
          servers { %s { host = "127.0.0.1", port = %d, databases = [app_1, app_2] } }
          destination { host = "127.0.0.1", port = %d, database = central }
        }
        """
        .formatted(String.join(" {}, ", QUEUES) + " {}", SERVER, sourcePort, destinationPort);
  }

  List<CampaignMover> movers() {
    return movers;
  }

  List<TestDatabase> sources() {
    return sources;
  }

  TestDatabase destination() {
    return destination;
  }

  PrivateCluster sourceCluster() {
    return sourceCluster;
  }

  PrivateCluster destinationCluster() {
    return destinationCluster;
  }

  /** How far the queues of source databases have been delivered: tick ids, in a fixed order. */
  List<Long> positions(List<String> databases) {
    return destination.rows(
        row -> row.getLong(1),
        """
        select coalesce(tick_id, 0) from pgq_fleet.position where source = any(?)
         order by source, queue_name""",
        (Object) databases.stream().map(name -> SERVER + "/" + name).toArray(String[]::new));
  }

  /** Waits until the movers are not too far behind, so that rotation of the sources goes on. */
  void catchUp() {
    for (var source : sources) {
      Await.value(
          "the movers to be nearly up to date in " + source,
          BACKLOG,
          () -> lag(source),
          l -> l < 10);
    }
  }

  private static long lag(TestDatabase source) {
    return source.number(
        """
        select max((select count(*) from pgq.tick
                     where tick_queue = sub_queue and tick_id > sub_last_tick))
          from pgq.subscription""");
  }

  /** Waits until everything that was committed before has been delivered, and read there. */
  void drain() {
    sources.forEach(source -> awaitConsumed(source, "pgq_fleet"));
    awaitConsumed(destination, Arrival.CONSUMER);
  }

  private static void awaitConsumed(TestDatabase database, String consumer) {
    var last = database.number("select txid_current()");
    Await.value(
        "nothing to be left for " + consumer + " in " + database,
        BACKLOG,
        () -> behind(database, consumer, last),
        List::isEmpty);
  }

  /** The queues whose consumer has not come to a tick after a transaction, and how far it is. */
  private static List<String> behind(TestDatabase database, String consumer, long transaction) {
    return database.strings(
        """
        select q.queue_name || ' at tick ' || t.tick_id || ' of '
               || (select max(tick_id) from pgq.tick where tick_queue = q.queue_id)
          from pgq.subscription s
          join pgq.queue q on q.queue_id = s.sub_queue
          join pgq.consumer c on c.co_id = s.sub_consumer
          join pgq.tick t on t.tick_queue = s.sub_queue and t.tick_id = s.sub_last_tick
         where c.co_name = ? and txid_snapshot_xmin(t.tick_snapshot) <= ?""",
        consumer,
        transaction);
  }

  /** What the movers say now, and said last: for a campaign that failed. */
  List<String> lastWords() {
    var words = new ArrayList<String>();
    for (var mover : movers) {
      try {
        words.add("health " + mover.health());
      } catch (IOException | RuntimeException | InterruptedException e) {
        words.add("health " + e);
      }
      var lines = mover.output().lines().toList();
      words.addAll(lines.subList(Math.max(0, lines.size() - 15), lines.size()));
    }
    return words;
  }

  /** What the logs say of lost positions and of deadlocks; there should be neither. */
  List<String> complaints() throws IOException {
    var found = new ArrayList<String>();
    for (var mover : movers) {
      mover.output().lines().filter(l -> l.contains("event=position_lost")).forEach(found::add);
    }
    for (var cluster : List.of(sourceCluster, destinationCluster)) {
      try (var lines = Files.lines(cluster.directory().resolve("server.log"))) {
        lines.filter(line -> line.contains("deadlock detected")).forEach(found::add);
      }
    }
    return found;
  }

  /** Looks which rotations there have been; to be called often. */
  void noteRotations() {
    for (var database : List.of(sources.get(0), sources.get(1), destination)) {
      rotationsOf(database)
          .forEach(
              (queue, step2) ->
                  rotations
                      .computeIfAbsent(database.name() + "/" + queue, q -> new HashSet<>())
                      .add(step2));
    }
  }

  /** The last rotation of each queue: the transaction id of its second step, once it is done. */
  static Map<String, Long> rotationsOf(TestDatabase database) {
    return database
        .rows(
            row -> Map.entry(row.getString(1), row.getLong(2)),
            """
            select queue_name, queue_switch_step2 from pgq.queue
             where queue_switch_step2 is not null""")
        .stream()
        .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
  }

  /** How often the queue was rotated that was rotated least, of all databases. */
  int fewestRotations() {
    return rotations.values().stream().mapToInt(seen -> seen.size() - 1).min().orElse(0);
  }

  @Override
  public void close() {
    ticker.close();
    movers.forEach(CampaignMover::close);
    sourceCluster.close();
    destinationCluster.close();
  }
}
