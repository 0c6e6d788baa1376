package io.github.pgqfleet.deploy.bench;

import io.github.pgqfleet.fixture.PrivateCluster;
import java.sql.SQLException;
import java.util.Map;
import java.util.TreeMap;

/**
 * What clients have had the clusters do up to a moment, where they have {@code pg_stat_statements}.
 *
 * @param counts by the figure's name
 */
record Spent(Map<String, Long> counts) {
  static final String EXTENSION = "pg_stat_statements";

  private static final String STATEMENTS =
      "select sum(calls)::int8 from pg_stat_statements where not query ~* 'pg_stat_statements'";

  /** Of transactions, only those that write take an id. */
  private static final String COMMITS =
      "select pg_snapshot_xmax(pg_current_snapshot())::text::int8";

  Spent {
    counts = Map.copyOf(counts);
  }

  /** Up to now, on the sources' clusters and on the destination's. */
  static Spent of(Testbed testbed) throws SQLException {
    var destination = testbed.destination().cluster();
    var counts = new TreeMap<String, Long>();
    for (PrivateCluster cluster : testbed.clusters()) {
      String side = cluster == destination ? "destination" : "source";
      try (var connection = Source.connect(cluster, "postgres")) {
        counts.merge(side + "_statements", Sql.number(connection, STATEMENTS), Long::sum);
        counts.merge(side + "_commits", Sql.number(connection, COMMITS), Long::sum);
      }
    }
    return new Spent(counts);
  }

  /** What was spent since an earlier moment, for one of so many batches. */
  Map<String, Double> perBatch(Spent before, double batches) {
    var figures = new TreeMap<String, Double>();
    counts.forEach(
        (name, count) ->
            figures.put(
                name + "_per_batch", (count - before.counts.getOrDefault(name, 0L)) / batches));
    return figures;
  }
}
