package io.github.pgqfleet.deploy.bench;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;

/**
 * Watches the group of sub-consumers on a queue, by its rows in {@code pgq.subscription}, which
 * costs next to nothing. For one thread.
 */
final class Group implements AutoCloseable {
  private static final Duration PAUSE = Duration.ofMillis(20);
  private static final Duration START_TIMEOUT = Duration.ofSeconds(90);

  /** Whether all ticks are done with, and a text that changes when anything happens. */
  private static final String LOOK =
      """
      select bool_and(s.sub_batch is null
                      and coalesce(s.sub_last_tick = (select max(t.tick_id) from pgq.tick t
                                                       where t.tick_queue = q.queue_id), true)),
             string_agg(concat(s.sub_last_tick, '/', s.sub_batch), ' ' order by s.sub_consumer)
        from pgq.subscription s join pgq.queue q on q.queue_id = s.sub_queue
       where q.queue_name = ?
      """;

  private final Connection connection;
  private final String queue;
  private final MostMemory memory = new MostMemory();

  Group(Source destination, String queue) throws SQLException {
    this.connection = destination.connect();
    this.queue = queue;
  }

  /**
   * Waits until as many sub-consumers are at work.
   *
   * @throws BenchFailure when they are not in time, or the candidate ends
   */
  void awaitPresent(Workers workers, int number, Running running)
      throws SQLException, InterruptedException {
    long start = System.nanoTime();
    long present;
    while ((present = workers.present(connection)) < number) {
      running.requireRunning();
      if (System.nanoTime() - start > START_TIMEOUT.toNanos()) {
        throw new BenchFailure(
            "only %d of %d sub-consumers were at work after %d s; the log ends:\n%s"
                .formatted(present, number, START_TIMEOUT.toSeconds(), running.endOfLogs()));
      }
      Thread.sleep(PAUSE);
    }
  }

  /**
   * Waits until the group has finished every batch that there is.
   *
   * @param timeout without any progress
   * @throws BenchFailure when it does not, or the candidate ends
   */
  void awaitDone(Duration timeout, Running running) throws SQLException, InterruptedException {
    String seen = "";
    long since = System.nanoTime();
    try (PreparedStatement statement = connection.prepareStatement(LOOK)) {
      statement.setString(1, queue);
      while (true) {
        running.requireRunning();
        memory.look(running);
        try (ResultSet row = statement.executeQuery()) {
          row.next();
          if (row.getBoolean(1)) {
            return;
          }
          if (!seen.equals(row.getString(2))) {
            seen = row.getString(2);
            since = System.nanoTime();
          }
        }
        Duration idle = Duration.ofNanos(System.nanoTime() - since);
        if (idle.compareTo(timeout) > 0) {
          throw new BenchFailure(
              "no batch of queue %s was opened or finished for %d s; the log ends:\n%s"
                  .formatted(queue, idle.toSeconds(), running.endOfLogs()));
        }
        Thread.sleep(PAUSE);
      }
    }
  }

  /** For questions about what it has done. */
  Connection connection() {
    return connection;
  }

  /** The most memory that was resident when it was looked at while waiting. */
  double mostResidentMegabytes() {
    return memory.megabytes();
  }

  @Override
  public void close() throws SQLException {
    connection.close();
  }
}
