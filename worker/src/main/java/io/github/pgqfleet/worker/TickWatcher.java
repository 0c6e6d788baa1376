package io.github.pgqfleet.worker;

import io.github.pgqfleet.lifecycle.Service;
import io.github.pgqfleet.lifecycle.ServiceContext;
import io.github.pgqfleet.sql.Database;
import io.github.pgqfleet.sql.Sessions;
import io.github.pgqfleet.worker.coop.PgqCoop;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import org.postgresql.PGConnection;

/**
 * Wakes sub-consumers when there is something for them: on one connection for the whole process it
 * listens for {@code pgq_tick}, whose payload is the queue's name, and looks at all the queues when
 * nothing was heard for the poll interval. So an idle process costs one statement an interval,
 * however many sub-consumers it has.
 */
final class TickWatcher implements Service {

  private static final String CHANNEL = "pgq_tick";

  private final Database database;
  private final Sessions sessions;
  private final String consumer;
  private final Duration pollInterval;
  private final Duration deadInterval;
  private final Wakeups wakeups;

  TickWatcher(
      Database database,
      Sessions sessions,
      String consumer,
      Duration pollInterval,
      Duration deadInterval,
      Wakeups wakeups) {
    this.database = database;
    this.sessions = sessions;
    this.consumer = consumer;
    this.pollInterval = pollInterval;
    this.deadInterval = deadInterval;
    this.wakeups = wakeups;
  }

  @Override
  public String name() {
    return "tick-watcher";
  }

  @Override
  public boolean interruptible() {
    return true;
  }

  @Override
  public void run(ServiceContext context) throws Exception {
    try (var connection = sessions.open(database)) {
      try (var statement = connection.createStatement()) {
        statement.execute("listen " + CHANNEL);
      }
      long lookedAt = look(connection);
      while (!context.stopRequested()) {
        context.succeeded();
        listen(connection);
        // Busy queues must not keep the others from being looked at.
        if (System.nanoTime() - lookedAt >= pollInterval.toNanos()) {
          lookedAt = look(connection);
        }
      }
    }
  }

  private void listen(Connection connection) throws SQLException {
    var millis = Math.toIntExact(Math.max(1, pollInterval.toMillis()));
    var heard = connection.unwrap(PGConnection.class).getNotifications(millis);
    if (heard != null) {
      for (var notification : heard) {
        wakeups.wake(notification.getParameter());
      }
    }
  }

  private long look(Connection connection) throws SQLException {
    new PgqCoop(connection)
        .queuesWithWork(consumer, wakeups.queues(), deadInterval)
        .forEach(wakeups::wake);
    return System.nanoTime();
  }
}
