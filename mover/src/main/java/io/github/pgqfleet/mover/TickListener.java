package io.github.pgqfleet.mover;

import io.github.pgqfleet.lifecycle.ServiceContext;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.PGNotification;

/**
 * Wakes the queues of one source database: those whose ticks are notified; now and then those that
 * have ticks all the same. Not thread-safe, but for {@link #cutShort}.
 */
final class TickListener {

  private static final String POLL =
      """
      select q.queue_name, newest.tick_id,
             s.sub_id is null or newest.tick_id > coalesce(s.sub_next_tick, s.sub_last_tick) as due,
             %s
        from pgq.queue q
        left join pgq.consumer c on c.co_name = ?
        left join pgq.subscription s on s.sub_queue = q.queue_id and s.sub_consumer = c.co_id
        left join pgq.tick done on done.tick_queue = s.sub_queue and done.tick_id = s.sub_last_tick
        left join lateral (
          select t.tick_id from pgq.tick t where t.tick_queue = q.queue_id
           order by t.tick_queue desc, t.tick_id desc limit 1) newest on true"""
          .formatted(SourceLook.COLUMNS);

  private final Connection connection;
  private final String consumer;
  private final Map<String, Wakeup> wakeups;
  private final BiConsumer<String, SourceLook> looks;
  private final PGConnection notifications;
  private final Duration longest;
  private final PollPacing pacing;
  private final Set<String> notified = new HashSet<>();
  private final Map<String, Long> newestTicks = new HashMap<>();
  private final long start = System.nanoTime();
  private final Object wait = new Object();
  private @Nullable Thread listening;
  private boolean cutShort;
  private Duration pollAt = Duration.ZERO;

  /**
   * Begins to listen.
   *
   * @param wakeups the queues, by name
   * @param looks is told of each queue at each poll
   */
  TickListener(
      Connection connection,
      MoverConfig config,
      Map<String, Wakeup> wakeups,
      BiConsumer<String, SourceLook> looks)
      throws SQLException {
    this.connection = connection;
    this.consumer = config.consumer();
    this.wakeups = wakeups;
    this.looks = looks;
    this.notifications = connection.unwrap(PGConnection.class);
    // Whether to go on leading is looked at in between; each look wakes a thread for each source.
    this.longest = config.heartbeat().multipliedBy(2);
    this.pacing = new PollPacing(config.pollInterval());
    try (var statement = connection.createStatement()) {
      statement.execute("listen pgq_tick");
    }
  }

  /**
   * Polls if that is due, or listens for a while.
   *
   * @throws SQLException when the session is lost, as it is when it was cut short
   */
  void listen(ServiceContext context) throws SQLException {
    var untilPoll = pollAt.minus(now());
    if (untilPoll.isNegative() || untilPoll.isZero()) {
      poll();
      context.succeeded();
      pollAt = now().plus(pacing.pause(now()));
      return;
    }
    for (var tick : notifications(untilPoll.compareTo(longest) < 0 ? untilPoll : longest)) {
      pacing.notified(now());
      notified.add(tick.getParameter());
      wake(tick.getParameter());
    }
  }

  private PGNotification[] notifications(Duration patience) throws SQLException {
    synchronized (wait) {
      if (cutShort) {
        return new PGNotification[0];
      }
      listening = Thread.currentThread();
    }
    try {
      return notifications.getNotifications(Math.max(1, (int) patience.toMillis()));
    } finally {
      synchronized (wait) {
        listening = null;
        if (cutShort) {
          // It was for the wait alone.
          Thread.interrupted();
        }
      }
    }
  }

  /**
   * Ends the wait, now and for good, at the price of the session: what waits for a socket cannot be
   * woken otherwise. Thread-safe.
   */
  void cutShort() {
    synchronized (wait) {
      cutShort = true;
      if (listening != null) {
        listening.interrupt();
      }
    }
  }

  private void poll() throws SQLException {
    try (var statement = connection.prepareStatement(POLL)) {
      statement.setString(1, consumer);
      try (var rows = statement.executeQuery()) {
        while (rows.next()) {
          look(rows);
        }
      }
    }
    notified.clear();
  }

  private void look(ResultSet row) throws SQLException {
    var queue = row.getString("queue_name");
    if (!wakeups.containsKey(queue)) {
      return;
    }
    looks.accept(queue, SourceLook.read(row));
    var newest = row.getLong("tick_id");
    var before = newestTicks.put(queue, newest);
    if (before != null && newest > before && !notified.contains(queue)) {
      pacing.overlooked(now());
    }
    if (row.getBoolean("due")) {
      wake(queue);
    }
  }

  private void wake(String queue) {
    var wakeup = wakeups.get(queue);
    if (wakeup != null) {
      wakeup.signal();
      wakeups.values().forEach(Wakeup::company);
    }
  }

  private Duration now() {
    return Duration.ofNanos(System.nanoTime() - start);
  }
}
