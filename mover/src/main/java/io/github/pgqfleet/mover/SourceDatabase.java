package io.github.pgqfleet.mover;

import com.codahale.metrics.Counter;
import io.github.pgqfleet.cli.PgqChecks;
import io.github.pgqfleet.lifecycle.Health;
import io.github.pgqfleet.lifecycle.Service;
import io.github.pgqfleet.lifecycle.ServiceContext;
import io.github.pgqfleet.lifecycle.Supervisor;
import io.github.pgqfleet.sql.Database;
import io.github.pgqfleet.sql.Sessions;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One source database: while this mover is to lead it, holds its advisory lock, listens for its
 * ticks, and runs a mover for each of its queues; otherwise has no session there. The lock only
 * saves double work; what keeps two movers from delivering twice is the position row.
 */
final class SourceDatabase implements Service {

  private static final Logger log = LoggerFactory.getLogger(SourceDatabase.class);

  private final Database database;
  private final MoverConfig config;
  private final Sessions sessions;
  private final Health health;
  private final Counter failures;
  private final Sharing sharing;
  private final LedQueues queues;
  private volatile @Nullable TickListener listener;

  SourceDatabase(
      Database database,
      MoverConfig config,
      Sessions sessions,
      Health health,
      Counter failures,
      Sharing sharing,
      LedQueues queues) {
    this.database = database;
    this.config = config;
    this.sessions = sessions;
    this.health = health;
    this.failures = failures;
    this.sharing = sharing;
    this.queues = queues;
  }

  @Override
  public String name() {
    return database.id();
  }

  @Override
  public Part part() {
    return Part.AWAITED;
  }

  @Override
  public void run(ServiceContext context) throws Exception {
    do {
      if (shouldLead()) {
        attend(context);
      }
      context.succeeded();
    } while (context.sleep(config.heartbeat()));
  }

  /**
   * Ends listening; elsewhere it looks by itself. The lock goes with the session, a moment before
   * the queues' movers end: where another takes it in that moment, some work is done twice, and
   * nothing is delivered twice.
   */
  @Override
  public void wake() {
    var its = listener;
    if (its != null) {
      its.cutShort();
    }
  }

  private boolean shouldLead() {
    return sharing.shouldLead(database.id());
  }

  /** Leads the database as soon as nobody else does, and as long as it should. */
  private void attend(ServiceContext context) throws Exception {
    try (var connection = sessions.open(database)) {
      for (var finding : PgqChecks.versions(connection)) {
        throw new SQLException(database + ": " + finding);
      }
      do {
        MoverSessions.end(connection, sharing.dead());
        if (MoverSessions.tryLead(connection, config.consumer())) {
          lead(connection, context);
          return;
        }
        sharing.ready(database.id());
        context.succeeded();
      } while (context.sleep(config.heartbeat()) && shouldLead());
    } finally {
      sharing.notReady(database.id());
    }
  }

  private void lead(Connection connection, ServiceContext context) throws Exception {
    var movers = new Supervisor(health, failures);
    sharing.leads(database.id());
    try {
      log.debug("database={} event=leading", database);
      var its =
          new TickListener(
              connection,
              config,
              startMovers(movers),
              (queue, look) -> queues.looked(database, queue, look));
      listener = its;
      while (!context.stopRequested() && shouldLead()) {
        its.listen(context);
      }
      if (!context.stopRequested()) {
        log.info("database={} event=stepping_down", database);
      }
    } finally {
      listener = null;
      try {
        movers.stop(config.stopDeadline());
      } finally {
        queues.left(database);
        sharing.left(database.id());
      }
    }
  }

  private Map<String, Wakeup> startMovers(Supervisor movers) {
    var wakeups = new LinkedHashMap<String, Wakeup>();
    for (var queue : config.queues(database)) {
      var wakeup = new Wakeup();
      wakeups.put(queue.queue(), wakeup);
      movers.start(queues.moverOf(queue, wakeup));
    }
    return wakeups;
  }
}
