package io.github.pgqfleet.mover;

import com.codahale.metrics.MetricRegistry;
import io.github.pgqfleet.cli.PgqChecks;
import io.github.pgqfleet.lifecycle.Health;
import io.github.pgqfleet.lifecycle.Service;
import io.github.pgqfleet.lifecycle.ServiceContext;
import io.github.pgqfleet.lifecycle.Supervisor;
import io.github.pgqfleet.sql.Database;
import io.github.pgqfleet.sql.Sessions;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;
import org.postgresql.PGConnection;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Leads one source database: holds its advisory lock, listens for its ticks, and runs a mover for
 * each of its queues meanwhile. Where another mover holds the lock, it stands by. The lock only
 * saves double work; what keeps two movers from delivering twice is the position row.
 */
final class SourceDatabase implements Service {

  private static final Logger log = LoggerFactory.getLogger(SourceDatabase.class);

  /** How long a stop may go unnoticed while listening. */
  private static final Duration GLANCE = Duration.ofSeconds(1);

  private static final String TRY_LEAD =
      "select pg_try_advisory_lock(hashtext('pgq_fleet mover'), hashtext(?))";

  /** Those without the consumer too: it was removed, which their movers have to say. */
  private static final String PENDING =
      """
      select q.queue_name
        from pgq.queue q
        left join pgq.consumer c on c.co_name = ?
        left join pgq.subscription s on s.sub_queue = q.queue_id and s.sub_consumer = c.co_id
       where s.sub_id is null
          or exists (select from pgq.tick t
                      where t.tick_queue = s.sub_queue
                        and t.tick_id > coalesce(s.sub_next_tick, s.sub_last_tick))""";

  private final Database database;
  private final MoverConfig config;
  private final Sessions sessions;
  private final Health health;
  private final MetricRegistry metrics;
  private final Function<SourceQueueWakeup, Service> moverOf;
  private volatile boolean leading;

  /** A queue and what wakes its mover. */
  record SourceQueueWakeup(SourceQueue queue, Wakeup wakeup) {}

  /**
   * @param moverOf makes the mover of a queue
   */
  SourceDatabase(
      Database database,
      MoverConfig config,
      Sessions sessions,
      Health health,
      MetricRegistry metrics,
      Function<SourceQueueWakeup, Service> moverOf) {
    this.database = database;
    this.config = config;
    this.sessions = sessions;
    this.health = health;
    this.metrics = metrics;
    this.moverOf = moverOf;
  }

  @Override
  public String name() {
    return database.id();
  }

  /** Whether this process leads the database now. */
  boolean isLeading() {
    return leading;
  }

  @Override
  public void run(ServiceContext context) throws Exception {
    try (var connection = sessions.open(database)) {
      for (var finding : PgqChecks.versions(connection)) {
        throw new SQLException(database + ": " + finding);
      }
      while (!tryLead(connection)) {
        context.succeeded();
        if (!context.sleep(config.standbyInterval())) {
          return;
        }
      }
      lead(connection, context);
    }
  }

  private boolean tryLead(Connection connection) throws SQLException {
    try (var statement = connection.prepareStatement(TRY_LEAD)) {
      statement.setString(1, config.consumer());
      try (var row = statement.executeQuery()) {
        return row.next() && row.getBoolean(1);
      }
    }
  }

  private void lead(Connection connection, ServiceContext context) throws Exception {
    var movers = new Supervisor(health, metrics);
    try {
      leading = true;
      log.debug("database={} event=leading", database);
      try (var statement = connection.createStatement()) {
        statement.execute("listen pgq_tick");
      }
      listen(connection, startMovers(movers), context);
    } finally {
      leading = false;
      movers.stop(config.stopDeadline());
    }
  }

  private Map<String, Wakeup> startMovers(Supervisor movers) {
    var wakeups = new LinkedHashMap<String, Wakeup>();
    for (var queue : config.queues(database)) {
      var wakeup = new Wakeup();
      wakeups.put(queue.queue(), wakeup);
      movers.start(moverOf.apply(new SourceQueueWakeup(queue, wakeup)));
    }
    return wakeups;
  }

  /** Wakes the queues that are notified; now and then those that have ticks all the same. */
  private void listen(Connection connection, Map<String, Wakeup> wakeups, ServiceContext context)
      throws SQLException {
    var notifications = connection.unwrap(PGConnection.class);
    var pollAt = System.nanoTime();
    while (!context.stopRequested()) {
      var untilPoll = Duration.ofNanos(pollAt - System.nanoTime());
      if (untilPoll.isNegative() || untilPoll.isZero()) {
        poll(connection, wakeups);
        context.succeeded();
        pollAt = System.nanoTime() + config.pollInterval().toNanos();
        continue;
      }
      var patience = untilPoll.compareTo(GLANCE) < 0 ? untilPoll : GLANCE;
      for (var tick : notifications.getNotifications(Math.max(1, (int) patience.toMillis()))) {
        wake(wakeups, tick.getParameter());
      }
    }
  }

  private void poll(Connection connection, Map<String, Wakeup> wakeups) throws SQLException {
    try (var statement = connection.prepareStatement(PENDING)) {
      statement.setString(1, config.consumer());
      try (var rows = statement.executeQuery()) {
        while (rows.next()) {
          wake(wakeups, rows.getString(1));
        }
      }
    }
  }

  private static void wake(Map<String, Wakeup> wakeups, String queue) {
    var wakeup = wakeups.get(queue);
    if (wakeup != null) {
      wakeup.signal();
    }
  }
}
