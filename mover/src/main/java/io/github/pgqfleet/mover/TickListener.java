package io.github.pgqfleet.mover;

import io.github.pgqfleet.lifecycle.ServiceContext;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;
import org.postgresql.PGConnection;

/**
 * Wakes the queues of one source database: those whose ticks are notified; now and then those that
 * have ticks all the same. Not thread-safe.
 */
final class TickListener {

  /** How long a stop may go unnoticed while listening. */
  private static final Duration GLANCE = Duration.ofSeconds(1);

  private static final String PENDING =
      """
      select q.queue_name
        from pgq.subscription s
        join pgq.queue q on q.queue_id = s.sub_queue
        join pgq.consumer c on c.co_id = s.sub_consumer
       where c.co_name = ?
         and (s.sub_batch is not null
              or exists (select from pgq.tick t
                          where t.tick_queue = s.sub_queue and t.tick_id > s.sub_last_tick))""";

  private final Connection connection;
  private final MoverConfig config;
  private final Map<String, Wakeup> wakeups;
  private final PGConnection notifications;
  private long pollAt = System.nanoTime();

  /**
   * Begins to listen.
   *
   * @param wakeups the queues, by name
   */
  TickListener(Connection connection, MoverConfig config, Map<String, Wakeup> wakeups)
      throws SQLException {
    this.connection = connection;
    this.config = config;
    this.wakeups = wakeups;
    this.notifications = connection.unwrap(PGConnection.class);
    try (var statement = connection.createStatement()) {
      statement.execute("listen pgq_tick");
    }
  }

  /** Polls if that is due, or listens for a moment. */
  void listen(ServiceContext context) throws SQLException {
    var untilPoll = Duration.ofNanos(pollAt - System.nanoTime());
    if (untilPoll.isNegative() || untilPoll.isZero()) {
      poll();
      context.succeeded();
      pollAt = System.nanoTime() + config.pollInterval().toNanos();
      return;
    }
    var patience = untilPoll.compareTo(GLANCE) < 0 ? untilPoll : GLANCE;
    for (var tick : notifications.getNotifications(Math.max(1, (int) patience.toMillis()))) {
      wake(tick.getParameter());
    }
  }

  private void poll() throws SQLException {
    try (var statement = connection.prepareStatement(PENDING)) {
      statement.setString(1, config.consumer());
      try (var rows = statement.executeQuery()) {
        while (rows.next()) {
          wake(rows.getString(1));
        }
      }
    }
  }

  private void wake(String queue) {
    var wakeup = wakeups.get(queue);
    if (wakeup != null) {
      wakeup.signal();
    }
  }
}
