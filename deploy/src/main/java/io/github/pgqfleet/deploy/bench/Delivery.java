package io.github.pgqfleet.deploy.bench;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Watches the destination of one run, which was empty at its start. Looks at the queues' event
 * sequences, which cost nothing, and counts when they say that all are there. For one thread.
 */
final class Delivery implements AutoCloseable {
  private static final Duration PAUSE = Duration.ofMillis(50);

  /** How long events may miss whose ids are taken: those of a transaction that is open. */
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  /** When the transaction that brought an event was committed. */
  private static final String COMMITTED_AT =
      "pg_xact_commit_timestamp((ev_txid % (1::bigint << 32))::text::xid)";

  private static final String IDS = "select sum(pgq.seq_getval(queue_event_seq)) from pgq.queue";

  private final Source destination;
  private final List<String> queues;
  private final Connection connection;
  private final long idsBefore;
  private final MostMemory memory = new MostMemory();

  Delivery(Source destination, List<String> queues) throws SQLException {
    this.destination = destination;
    this.queues = List.copyOf(queues);
    this.connection = destination.connect();
    this.idsBefore = Sql.number(connection, IDS);
  }

  /**
   * When the last event was committed, and in how many transactions.
   *
   * @param transactions those since a moment
   */
  record Committed(Instant last, long transactions) {}

  /**
   * Waits until as many events are there.
   *
   * @param timeout without a new event
   * @throws BenchFailure when they do not come, or the candidate ends
   */
  void await(long events, Duration timeout, Running running)
      throws SQLException, InterruptedException {
    long seen = 0;
    long since = System.nanoTime();
    while (true) {
      running.requireRunning();
      memory.look(running);
      long ids = Sql.number(connection, IDS) - idsBefore;
      if (ids != seen) {
        seen = ids;
        since = System.nanoTime();
      }
      // The first number of a sequence may or may not have been taken.
      boolean mayBeAll = ids + queues.size() >= events;
      if (mayBeAll && count() >= events) {
        return;
      }
      Duration idle = Duration.ofNanos(System.nanoTime() - since);
      if (idle.compareTo(mayBeAll ? PATIENCE : timeout) > 0) {
        throw new BenchFailure(
            "only %d of %d events were delivered, and none for %d s; the log ends:\n%s"
                .formatted(count(), events, idle.toSeconds(), running.endOfLogs()));
      }
      Thread.sleep(PAUSE);
    }
  }

  private long count() throws SQLException {
    long count = 0;
    for (String queue : queues) {
      count += Sql.number(connection, "select count(*) from " + Contents.table(connection, queue));
    }
    return count;
  }

  /** The most memory that was resident when it was looked at while waiting. */
  double mostResidentMegabytes() {
    return memory.megabytes();
  }

  Committed committed(Instant since) throws SQLException {
    String sql =
        """
        select max(at), count(*) filter (where at >= ?)
          from (select %s as at from (select distinct ev_txid from (%s) a) t) c
        """
            .formatted(COMMITTED_AT, union("ev_txid"));
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setObject(1, since.atOffset(ZoneOffset.UTC));
      try (ResultSet row = statement.executeQuery()) {
        row.next();
        return new Committed(row.getObject(1, OffsetDateTime.class).toInstant(), row.getLong(2));
      }
    }
  }

  /**
   * Waits until an event of each database is there that was written after a moment; the first word
   * of an event's data is its database.
   *
   * @return the time from that moment until the last database's first was committed
   * @throws BenchFailure when one does not come in time, or the candidate ends
   */
  Duration awaitFirst(List<Source> databases, Instant start, Duration timeout, Running running)
      throws SQLException, InterruptedException {
    return new FirstOfEach("delivered from", databases, start)
        .await(timeout, running, missing -> first(missing, start));
  }

  private Map<Source, Instant> first(List<Source> databases, Instant start) throws SQLException {
    String sql =
        """
        select database, min(%s)
          from (%s) e where ev_time > ? group by database
        """
            .formatted(
                COMMITTED_AT, union("split_part(ev_data, ' ', 1) as database, ev_time, ev_txid"));
    Map<String, Source> byName =
        databases.stream().collect(Collectors.toMap(Source::name, Function.identity()));
    Map<Source, Instant> delivered = new HashMap<>();
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setObject(1, start.atOffset(ZoneOffset.UTC));
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          Source source = byName.get(row.getString(1));
          if (source != null) {
            delivered.put(source, row.getObject(2, OffsetDateTime.class).toInstant());
          }
        }
      }
    }
    return delivered;
  }

  private String union(String columns) throws SQLException {
    List<String> selects = new ArrayList<>();
    for (String queue : queues) {
      selects.add("select " + columns + " from " + Contents.table(connection, queue));
    }
    return String.join(" union all ", selects);
  }

  /**
   * The audit.
   *
   * @throws BenchFailure when there are other events than expected
   */
  void audit(String mover, Map<String, Contents> expected) throws SQLException {
    Contents.requireSame(mover, expected, Contents.of(destination, queues));
  }

  @Override
  public void close() throws SQLException {
    connection.close();
  }
}
