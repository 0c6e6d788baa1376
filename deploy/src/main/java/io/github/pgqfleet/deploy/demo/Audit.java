package io.github.pgqfleet.deploy.demo;

import io.github.pgqfleet.fixture.PrivateCluster;
import io.github.pgqfleet.pgq.Pgq;
import java.io.IOException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyIn;
import org.postgresql.copy.CopyManager;
import org.postgresql.copy.CopyOut;

/**
 * What the applications committed, against what the handlers' transactions recorded. The comparison
 * is PostgreSQL's.
 *
 * @param databases source databases
 * @param queues source queues
 * @param committed events of committed source transactions
 * @param processed records of handled events
 * @param lost committed events that were never handled
 * @param duplicated records beyond the first of a committed event
 * @param rolledBack events of source transactions that were rolled back
 * @param seenRolledBack records of events that no committed transaction wrote
 * @param torn source transactions whose events of one queue were handled in several transactions
 * @param p50Millis median of insert to handled, of the events of the load
 * @param p99Millis 99th percentile of the same
 */
record Audit(
    int databases,
    int queues,
    long committed,
    long processed,
    long lost,
    long duplicated,
    long rolledBack,
    long seenRolledBack,
    long torn,
    long p50Millis,
    long p99Millis) {

  private static final String COMMITTED =
      """
      copy (select current_database(), p.id, q.queue, q.event
              from app.purchase p, unnest(p.queues) with ordinality as q(queue, event)) to stdout
      """;

  private static final String COMPARE =
      """
      with handled as (
        select database, purchase, queue, event, count(*) as times
          from app.handled group by database, purchase, queue, event
      ), compared as (
        select c.database is not null as committed, coalesce(h.times, 0) as times
          from app.committed c full join handled h using (database, purchase, queue, event)
      ), parts as (
        select count(distinct txid) as transactions
          from app.handled group by database, purchase, queue
      )
      select count(*) filter (where committed) as committed,
             coalesce(sum(times), 0) as processed,
             count(*) filter (where committed and times = 0) as lost,
             coalesce(sum(times - 1) filter (where committed and times > 1), 0) as duplicated,
             coalesce(sum(times) filter (where not committed), 0) as seen_rolledback,
             (select count(*) from parts where transactions > 1) as torn,
             (select percentile_disc(array[0.5, 0.99])
                       within group (order by extract(epoch from handled - inserted) * 1000)
                from app.handled where inserted >= ?)::bigint[] as latencies
        from compared
      """;

  /**
   * Collects both books in the destination and compares them; everything must have been drained.
   *
   * @param rolledBack the applications' own count, since the databases remember nothing of it
   * @param began when the events were inserted, at the earliest, whose latency counts
   */
  static Audit of(PrivateCluster cluster, List<String> sources, long rolledBack, Instant began)
      throws SQLException {
    try (Connection destination = cluster.connect(Databases.DESTINATION)) {
      collect(cluster, sources, destination);
      try (Statement statement = destination.createStatement()) {
        statement.execute("analyze app.handled, app.committed");
      }
      try (PreparedStatement statement = destination.prepareStatement(COMPARE)) {
        statement.setObject(1, Pgq.timestamptz(began));
        try (ResultSet row = statement.executeQuery()) {
          row.next();
          Long[] latencies =
              row.getArray("latencies") == null
                  ? new Long[] {0L, 0L}
                  : (Long[]) row.getArray("latencies").getArray();
          return new Audit(
              sources.size(),
              sources.size() * DemoQueue.values().length,
              row.getLong("committed"),
              row.getLong("processed"),
              row.getLong("lost"),
              row.getLong("duplicated"),
              rolledBack,
              row.getLong("seen_rolledback"),
              row.getLong("torn"),
              latencies[0],
              latencies[1]);
        }
      }
    } catch (IOException e) {
      throw new DemoFailure("Cannot copy the applications' rows", e);
    }
  }

  private static void collect(PrivateCluster cluster, List<String> sources, Connection destination)
      throws SQLException, IOException {
    CopyManager copies = destination.unwrap(PGConnection.class).getCopyAPI();
    CopyIn in = copies.copyIn("copy app.committed from stdin");
    try {
      for (String database : sources) {
        try (Connection source = cluster.connect(database)) {
          CopyOut out = source.unwrap(PGConnection.class).getCopyAPI().copyOut(COMMITTED);
          for (byte[] row = out.readFromCopy(); row != null; row = out.readFromCopy()) {
            in.writeToCopy(row, 0, row.length);
          }
        }
      }
      in.endCopy();
    } finally {
      if (in.isActive()) {
        in.cancelCopy();
      }
    }
  }

  /** Whether every event was handled once and whole, and there were any. */
  boolean isGood() {
    return lost == 0 && duplicated == 0 && seenRolledBack == 0 && torn == 0 && processed > 0;
  }

  /** The last line of the demonstration. */
  String line() {
    return String.format(
        Locale.ROOT,
        "audit: databases=%d queues=%d committed=%d processed=%d lost=%d duplicated=%d"
            + " rolledback=%d seen_rolledback=%d torn=%d p50_ms=%d p99_ms=%d",
        databases,
        queues,
        committed,
        processed,
        lost,
        duplicated,
        rolledBack,
        seenRolledBack,
        torn,
        p50Millis,
        p99Millis);
  }
}
