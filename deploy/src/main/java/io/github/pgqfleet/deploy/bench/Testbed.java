package io.github.pgqfleet.deploy.bench;

import io.github.pgqfleet.fixture.PrivateCluster;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * The private clusters with the databases that all candidates share. Closing it removes everything.
 * For one thread.
 */
final class Testbed implements AutoCloseable {
  static final String DESTINATION = "central";
  static final String PATTERN = "src_*";

  /** The one that a load writes into. */
  static final String LOADED = "orders";

  /** The one into which transactions write that straddle a tick. */
  static final String STRADDLED = "payments";

  /** The one whose first tick shows that a ticker has begun its work in a database. */
  static final String WOKEN = "audit";

  static final List<String> QUEUES = List.of(LOADED, STRADDLED, "shipments", "notices", WOKEN);

  private static final String TEMPLATE = "pgq_template";
  private static final int AT_ONCE = 4;

  private final List<PrivateCluster> clusters = new ArrayList<>();
  private final List<Source> sources = new ArrayList<>();

  private Testbed() {}

  /** Makes the clusters, with the databases spread evenly, and the destination on the first. */
  static Testbed create(int clusters, int databases) throws SQLException, InterruptedException {
    Testbed testbed = new Testbed();
    try {
      for (int number = 0; number < clusters; number++) {
        testbed.clusters.add(cluster(databases / clusters + 1));
      }
      for (int number = 0; number < databases; number++) {
        testbed.sources.add(
            new Source(
                testbed.clusters.get(number % clusters),
                String.format(Locale.ROOT, "src_%03d", number + 1)));
      }
      testbed.createDatabases();
      return testbed;
    } catch (SQLException | InterruptedException | RuntimeException e) {
      testbed.close();
      throw e;
    }
  }

  private static PrivateCluster cluster(int databases) {
    return PrivateCluster.builder()
        // A ticker's two sessions a database, the load's one and those of our looks.
        .maxConnections(100 + 4 * databases)
        .setting("shared_buffers", "256MB")
        .setting("wal_level", "minimal")
        .setting("max_wal_senders", "0")
        .setting("max_wal_size", "4GB")
        .setting("checkpoint_timeout", "30min")
        // By default autovacuum looks at each of the databases every minute. That costs the same
        // under every ticker, more than a ticker does, and would only blur the difference.
        .setting("autovacuum_naptime", "10min")
        .start();
  }

  private void createDatabases() throws SQLException, InterruptedException {
    for (PrivateCluster cluster : clusters) {
      cluster.createDatabase(TEMPLATE);
      cluster.execute(TEMPLATE, "create extension pgq");
      for (String queue : QUEUES) {
        cluster.execute(TEMPLATE, "select pgq.create_queue('" + queue + "')");
      }
      // Otherwise a tick of the ticker before would put off the first one of the next.
      cluster.execute(
          TEMPLATE,
          "select pgq.set_queue_config('" + WOKEN + "', 'ticker_max_lag', '100 milliseconds')");
    }
    var _ =
        Each.of(
            "create databases",
            all(),
            AT_ONCE,
            database -> {
              database.cluster().createDatabase(database.name(), TEMPLATE);
              return database;
            });
    for (PrivateCluster cluster : clusters) {
      // pgqd ticks whatever it finds.
      cluster.dropDatabase(TEMPLATE);
      cluster.execute("postgres", "checkpoint");
    }
  }

  List<PrivateCluster> clusters() {
    return List.copyOf(clusters);
  }

  /** The source databases, without the destination. */
  List<Source> sources() {
    return List.copyOf(sources);
  }

  /** All databases that are to be ticked. */
  List<Source> all() {
    return Stream.concat(Stream.of(new Source(clusters.getFirst(), DESTINATION)), sources.stream())
        .toList();
  }

  /**
   * Writes an event into every queue, so that each has a tick due for a ticker that starts. So the
   * idle ticks, which come once a minute, stand at the same place in each run; left to themselves
   * they could fall into the windows of always the same ticker.
   */
  void wake() throws InterruptedException {
    var _ =
        Each.of(
            "write an event into every queue",
            all(),
            AT_ONCE,
            database -> {
              try (var connection = database.connect();
                  var statement = connection.createStatement()) {
                return statement.execute(
                    "select pgq.insert_event(queue_name, 'wake', 'up') from pgq.queue");
              }
            });
  }

  /** How many sessions there are, without our own. */
  int connections() throws SQLException {
    int count = 0;
    for (PrivateCluster cluster : clusters) {
      try (var connection = Source.connect(cluster, "postgres");
          var statement =
              connection.prepareStatement(
                  "select count(*) from pg_stat_activity where backend_type = 'client backend'"
                      + " and application_name <> ?")) {
        statement.setString(1, Source.APPLICATION_NAME);
        try (var row = statement.executeQuery()) {
          row.next();
          count += row.getInt(1);
        }
      }
    }
    return count;
  }

  /** The process that every other one of a cluster descends from. */
  static long postmaster(PrivateCluster cluster) {
    var file = cluster.directory().resolve("data/postmaster.pid");
    try {
      return Long.parseLong(Files.readAllLines(file).getFirst().strip());
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot read " + file, e);
    }
  }

  @Override
  public void close() {
    clusters.forEach(PrivateCluster::close);
    clusters.clear();
  }
}
