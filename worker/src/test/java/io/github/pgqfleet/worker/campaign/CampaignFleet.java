package io.github.pgqfleet.worker.campaign;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgqfleet.fixture.Await;
import io.github.pgqfleet.fixture.FleetProcess;
import io.github.pgqfleet.fixture.PrivateCluster;
import io.github.pgqfleet.fixture.TestDatabase;
import io.github.pgqfleet.worker.HandlersJar;
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
import java.util.stream.Stream;

/**
 * A database with three queues, each with another kind of handler, a ticker that rotates them all
 * the time, and three workers. Not thread-safe.
 */
final class CampaignFleet implements AutoCloseable {

  static final List<String> QUEUES = List.of("orders", "payments", "returns");
  static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final Duration BACKLOG = Duration.ofMinutes(3);

  /** There are to be no deadlocks on ours; the look-alike has many, and each is waited for. */
  private final PrivateCluster cluster =
      PrivateCluster.builder().setting("deadlock_timeout", "100ms").start();

  private final TestDatabase database = TestDatabase.at(cluster.jdbcUrl("central"));
  private final FleetProcess ticker;
  private final List<CampaignWorker> workers = new ArrayList<>();
  private final Map<String, Set<Long>> rotations = new HashMap<>();

  /**
   * @param coop the script of another {@code pgq_coop} than ours; empty for ours
   */
  CampaignFleet(Path directory, String coop) throws Exception {
    cluster.createDatabase(database.name());
    cluster.createDatabase("app");
    HandlersJar.write(directory.resolve("campaign.jar"), CampaignHandlers.class);
    var conf =
        Files.writeString(
            directory.resolve("fleet.conf"),
            config(cluster.port())
                + CampaignWorker.settings("none", directory)
                + """
                ticker {
                  period = 50ms
                  maintenance-period = 1s
                  retry-period = 100ms
                  admin.enabled = false
                }
                """);
    provision("ticker", conf);
    database.execute(CampaignHandlers.SQL);
    database.execute(Applications.SQL);
    if (!coop.isEmpty()) {
      database.execute(coop);
    }
    provision("worker", conf);
    for (var name : List.of("first", "second", "third")) {
      workers.add(new CampaignWorker(name, directory, cluster));
    }
    ticker =
        FleetProcess.ofModule("ticker")
            .arguments("run", "--config", conf.toString())
            .log(directory.resolve("ticker.log"))
            .start();
  }

  private static void provision(String module, Path config) {
    try (var command =
        FleetProcess.ofModule(module)
            .arguments("provision", "--config", config.toString())
            .start()) {
      assertThat(command.exitCode(PATIENCE)).as(command.output()).isZero();
    }
  }

  /** What ticker and workers share, with the port at which they reach the cluster. */
  static String config(int port) {
    return """
        fleet {
          queue-defaults { ticker-max-lag = 200ms, ticker-idle-period = 1s, rotation-period = 1s }
          queues { %1$s }
          connection {
            host = "127.0.0.1", port = %2$d, user = postgres, ssl-mode = disable
            connect-timeout = 2s, socket-timeout = 15s, statement-timeout = 10s, lock-timeout = 5s
          }
          servers { s { databases = [app] } }
          destination { database = central }
        }
        """
        .formatted(String.join(" {}, ", QUEUES) + " {}", port);
  }

  TestDatabase database() {
    return database;
  }

  PrivateCluster cluster() {
    return cluster;
  }

  List<CampaignWorker> workers() {
    return workers;
  }

  /** The batches that a worker's sub-consumers have open: their queues, names and ids. */
  Set<String> openBatches(CampaignWorker worker) {
    return new HashSet<>(
        database.strings(
            """
            select sub_queue || '/' || co_name || '/' || sub_batch
              from pgq.subscription join pgq.consumer on co_id = sub_consumer
             where sub_batch is not null and co_name like 'workers.' || ? || '\\_%'""",
            worker.name()));
  }

  /** Waits until the workers are not too far behind, so that rotation goes on. */
  void catchUp() {
    Await.value("the workers to be nearly up to date", BACKLOG, this::lag, l -> l < 15);
  }

  private long lag() {
    return database.number(
        """
        select max((select count(*) from pgq.tick
                     where tick_queue = sub_queue and tick_id > sub_last_tick))
          from pgq.subscription""");
  }

  /** Waits until everything that was committed before is handled or dead. */
  void drain() {
    var last = database.number("select txid_current()");
    Await.value("nothing to be left", BACKLOG, () -> left(last), List::isEmpty);
  }

  /** What is open, behind a transaction, or waits for another attempt. */
  private List<String> left(long transaction) {
    return database.strings(
        """
        select co_name || ' at tick ' || sub_last_tick || ' of queue ' || sub_queue
          from pgq.subscription
          join pgq.consumer on co_id = sub_consumer
          join pgq.tick on tick_queue = sub_queue and tick_id = sub_last_tick
         where sub_batch is not null or txid_snapshot_xmin(tick_snapshot) <= ?
        union all
        select 'event ' || ev_id || ' of queue ' || ev_queue || ' in the retry queue'
          from pgq.retry_queue
        union all
        select queue || ' ' || transaction || ' ' || number || ' neither handled nor dead'
          from written w
         where not exists (select from handled h
                            where (h.queue, h.transaction, h.number)
                                  = (w.queue, w.transaction, w.number))
           and not exists (select from pgq_fleet.dead_letter d
                            where d.queue_name = w.queue
                              and d.ev_data = w.transaction || ' ' || w.number)
         limit 10""",
        transaction);
  }

  /** Looks which rotations there have been; to be called often. */
  void noteRotations() {
    database
        .rows(
            row -> Map.entry(row.getString(1), row.getLong(2)),
            """
            select queue_name, queue_switch_step2 from pgq.queue
             where queue_switch_step2 is not null""")
        .forEach(
            done ->
                rotations
                    .computeIfAbsent(done.getKey(), q -> new HashSet<>())
                    .add(done.getValue()));
  }

  /** How often the queue was rotated that was rotated least. */
  int fewestRotations() {
    return rotations.values().stream().mapToInt(seen -> seen.size() - 1).min().orElse(0);
  }

  /** Deadlocks that the server has found; there should be none. */
  List<String> deadlocks() throws IOException {
    try (Stream<String> lines = Files.lines(cluster.directory().resolve("server.log"))) {
      return lines.filter(line -> line.contains("deadlock detected")).toList();
    }
  }

  /** What the workers said last: for a campaign that failed. */
  List<String> lastWords() {
    var words = new ArrayList<String>();
    for (var worker : workers) {
      var lines = worker.output().lines().toList();
      words.add(worker.name() + ":");
      words.addAll(lines.subList(Math.max(0, lines.size() - 20), lines.size()));
    }
    return words;
  }

  @Override
  public void close() {
    ticker.close();
    workers.forEach(CampaignWorker::close);
    cluster.close();
  }
}
