package io.github.pgqfleet.worker;

import io.github.pgqfleet.lifecycle.Service;
import io.github.pgqfleet.lifecycle.ServiceContext;
import io.github.pgqfleet.sql.Database;
import io.github.pgqfleet.sql.Sessions;
import io.github.pgqfleet.worker.coop.GroupStatus;
import io.github.pgqfleet.worker.coop.PgqCoop;
import io.github.pgqfleet.worker.flow.Gates;
import io.github.pgqfleet.worker.flow.PausedQueues;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import org.postgresql.PGConnection;

/**
 * Wakes sub-consumers when there is something for them: on one connection for the whole process it
 * listens for {@code pgq_tick}, whose payload is the queue's name, and looks at all the queues when
 * nothing was heard for the poll interval. It also tells which queues are paused, and how far the
 * groups are behind. So an idle process costs three statements an interval, however many
 * sub-consumers it has.
 */
final class TickWatcher implements Service {

  private static final String CHANNEL = "pgq_tick";

  private final Database database;
  private final Sessions sessions;
  private final String consumer;
  private final Duration pollInterval;
  private final Duration deadInterval;
  private final Wakeups wakeups;
  private final Gates gates;
  private final GroupLags lags;

  TickWatcher(
      Database database,
      Sessions sessions,
      String consumer,
      Duration pollInterval,
      Duration deadInterval,
      Wakeups wakeups,
      Gates gates,
      GroupLags lags) {
    this.database = database;
    this.sessions = sessions;
    this.consumer = consumer;
    this.pollInterval = pollInterval;
    this.deadInterval = deadInterval;
    this.wakeups = wakeups;
    this.gates = gates;
    this.lags = lags;
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
  public Part part() {
    return Part.ESSENTIAL;
  }

  @Override
  public void run(ServiceContext context) throws Exception {
    try (var connection = sessions.open(database)) {
      try (var statement = connection.createStatement()) {
        statement.execute("listen " + CHANNEL);
        statement.execute("listen " + PausedQueues.CHANNEL);
      }
      var pausedQueues = new PausedQueues(connection);
      long lookedAt = look(connection, pausedQueues);
      while (!context.stopRequested()) {
        context.succeeded();
        boolean flowChanged = listen(connection);
        // Busy queues must not keep the others from being looked at.
        if (flowChanged || System.nanoTime() - lookedAt >= pollInterval.toNanos()) {
          lookedAt = look(connection, pausedQueues);
        }
      }
    } finally {
      lags.seen(List.of());
    }
  }

  /** Whether queues were paused or resumed. */
  private boolean listen(Connection connection) throws SQLException {
    var millis = Math.toIntExact(Math.max(1, pollInterval.toMillis()));
    var heard = connection.unwrap(PGConnection.class).getNotifications(millis);
    boolean flowChanged = false;
    if (heard != null) {
      for (var notification : heard) {
        if (notification.getName().equals(PausedQueues.CHANNEL)) {
          flowChanged = true;
        } else {
          wakeups.wake(notification.getParameter());
        }
      }
    }
    return flowChanged;
  }

  private long look(Connection connection, PausedQueues pausedQueues) throws SQLException {
    var paused = pausedQueues.of(consumer);
    gates.become(paused);
    lags.seen(GroupStatus.read(connection, consumer, paused));
    new PgqCoop(connection)
        .queuesWithWork(consumer, wakeups.queues(), deadInterval)
        .forEach(wakeups::wake);
    return System.nanoTime();
  }
}
