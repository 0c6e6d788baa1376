package io.github.pgqfleet.deploy.bench;

import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;

/** The batches that one of our worker processes has open. For one thread. */
final class OpenBatches {
  private static final Duration PAUSE = Duration.ofMillis(20);

  private static final String OPEN =
      """
        from pgq.subscription join pgq.consumer on co_id = sub_consumer
       where sub_batch is not null and starts_with(co_name, ?)
      """;

  private static final String SESSIONS =
      "select count(*) from pg_stat_activity where application_name = ?";

  private static final String HANDLED = " from app.handled where ev_data = any(?)";

  private final Connection connection;
  private final String instance;

  /**
   * Does nothing yet.
   *
   * @param connection to the destination
   * @param instance the process's, in fleet.conf
   */
  OpenBatches(Connection connection, String instance) {
    this.connection = connection;
    this.instance = instance;
  }

  /**
   * Waits until there are as many.
   *
   * @throws BenchFailure when there are not in time, or the candidate ends
   */
  void awaitOpen(int number, Duration timeout, Running running)
      throws SQLException, InterruptedException {
    await("batches to be open", number, timeout, running, "select count(*)" + OPEN, names());
  }

  /**
   * What is in those of a process that has just ended: once its sessions have ended too, nobody
   * else touches them until they are taken over.
   *
   * @return the data of their events, which tells them apart
   * @throws BenchFailure when there are none
   */
  List<String> eventsLeft(Duration timeout, Running others)
      throws SQLException, InterruptedException {
    String application = "pgq-fleet worker " + instance;
    await("sessions to end", 0, timeout, others, SESSIONS, application);
    List<String> events = new ArrayList<>();
    String sql =
        "select ev_data from (select sub_batch" + OPEN + ") b, pgq.get_batch_events(sub_batch)";
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setString(1, names());
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          events.add(row.getString(1));
        }
      }
    }
    if (events.isEmpty()) {
      throw new BenchFailure("the worker had no batch open when it was killed; raise --hold");
    }
    return events;
  }

  /**
   * Waits until events have been handled.
   *
   * @return when the last was, by its commit
   * @throws BenchFailure when they are not in time, or the candidate ends
   */
  Instant awaitHandled(List<String> events, Duration timeout, Running running)
      throws SQLException, InterruptedException {
    Array data = connection.createArrayOf("text", events.toArray());
    await(
        "events to be handled", events.size(), timeout, running, "select count(*)" + HANDLED, data);
    try (PreparedStatement statement =
        connection.prepareStatement("select max(pg_xact_commit_timestamp(xmin))" + HANDLED)) {
      statement.setArray(1, data);
      try (ResultSet row = statement.executeQuery()) {
        row.next();
        return row.getObject(1, OffsetDateTime.class).toInstant();
      }
    }
  }

  private void await(
      String what, int number, Duration timeout, Running running, String sql, Object parameter)
      throws SQLException, InterruptedException {
    long deadline = System.nanoTime() + timeout.toNanos();
    long seen;
    while ((seen = Sql.number(connection, sql, parameter)) != number) {
      running.requireRunning();
      if (System.nanoTime() - deadline > 0) {
        throw new BenchFailure(
            "%d instead of %d after %d s of waiting for %s; the log ends:\n%s"
                .formatted(seen, number, timeout.toSeconds(), what, running.endOfLogs()));
      }
      Thread.sleep(PAUSE);
    }
  }

  /** How the sub-consumers' names begin. */
  private String names() {
    return Ground.CONSUMER + "." + instance + "_";
  }
}
