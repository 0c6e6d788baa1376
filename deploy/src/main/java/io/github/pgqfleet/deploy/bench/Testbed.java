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
  private final Purpose purpose;
  private final boolean counting;

  private Testbed(Purpose purpose, boolean counting) {
    this.purpose = purpose;
    this.counting = counting;
  }

  /**
   * Makes the clusters, with the source databases spread evenly, and the destination.
   *
   * @param clusters those of the sources; none where only the destination is wanted
   */
  static Testbed create(Purpose purpose, int clusters, int databases)
      throws SQLException, InterruptedException {
    return create(purpose, clusters, databases, false);
  }

  /**
   * The same.
   *
   * @param counting whether statements are counted, which costs a little
   */
  static Testbed create(Purpose purpose, int clusters, int databases, boolean counting)
      throws SQLException, InterruptedException {
    Testbed testbed = new Testbed(purpose, counting);
    try {
      for (int number = 0; number < clusters; number++) {
        testbed.clusters.add(purpose.cluster(databases / clusters + 1, counting));
      }
      for (int number = 0; number < databases; number++) {
        testbed.sources.add(
            new Source(
                testbed.clusters.get(number % clusters),
                String.format(Locale.ROOT, "src_%03d", number + 1)));
      }
      if (purpose.destinationApart()) {
        testbed.clusters.add(purpose.cluster(1, counting));
      }
      testbed.createDatabases();
      return testbed;
    } catch (SQLException | InterruptedException | RuntimeException e) {
      testbed.close();
      throw e;
    }
  }

  private void createDatabases() throws SQLException, InterruptedException {
    for (PrivateCluster cluster : clusters) {
      if (counting) {
        cluster.execute("postgres", "create extension " + Spent.EXTENSION);
      }
      cluster.createDatabase(TEMPLATE);
      cluster.execute(TEMPLATE, "create extension pgq");
      for (String queue : QUEUES) {
        cluster.execute(TEMPLATE, "select pgq.create_queue('" + queue + "')");
      }
      cluster.execute(TEMPLATE, purpose.queueSettings());
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
      if (purpose == Purpose.TICKERS) {
        // pgqd ticks whatever it finds.
        cluster.dropDatabase(TEMPLATE);
      }
    }
    checkpoint();
  }

  /** Whether statements are counted. */
  boolean counting() {
    return counting;
  }

  /** Writes everything to disk now, so that it is not written while something is measured. */
  void checkpoint() throws SQLException {
    for (PrivateCluster cluster : clusters) {
      cluster.execute("postgres", "checkpoint");
    }
  }

  /**
   * Makes the destination anew, with its queues and nothing else in it. Not for {@code TICKERS}.
   */
  void renewDestination() throws SQLException {
    renewDestination(TEMPLATE);
  }

  /** Makes the destination anew as it was when it was kept under this name. */
  void renewDestination(String kept) throws SQLException {
    PrivateCluster cluster = destination().cluster();
    cluster.dropDatabase(DESTINATION);
    cluster.createDatabase(DESTINATION, kept);
  }

  /** Keeps a copy of the destination as it is, to which nobody is connected now. */
  void keepDestination(String name) throws SQLException {
    destination().cluster().createDatabase(name, DESTINATION);
  }

  /** All of them; the last is the destination's if that has one of its own. */
  List<PrivateCluster> clusters() {
    return List.copyOf(clusters);
  }

  /** The source databases, without the destination. */
  List<Source> sources() {
    return List.copyOf(sources);
  }

  Source destination() {
    PrivateCluster cluster = purpose.destinationApart() ? clusters.getLast() : clusters.getFirst();
    return new Source(cluster, DESTINATION);
  }

  /** All databases: the destination, then the sources. */
  List<Source> all() {
    return Stream.concat(Stream.of(destination()), sources.stream()).toList();
  }

  /**
   * Writes an event into every queue, so that each has a tick due for a ticker that starts. So the
   * idle ticks, which come once a minute, stand at the same place in each run; left to themselves
   * they could fall into the windows of always the same ticker.
   */
  void wake() throws InterruptedException {
    each(
        "write an event into every queue",
        "select pgq.insert_event(queue_name, 'wake', 'up') from pgq.queue");
  }

  /** Executes a statement in every database. */
  void each(String what, String sql) throws InterruptedException {
    var _ =
        Each.of(
            what,
            all(),
            AT_ONCE,
            database -> {
              try (var connection = database.connect();
                  var statement = connection.createStatement()) {
                return statement.execute(sql);
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
