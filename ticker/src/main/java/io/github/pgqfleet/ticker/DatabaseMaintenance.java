package io.github.pgqfleet.ticker;

import io.github.pgqfleet.lifecycle.Service;
import io.github.pgqfleet.lifecycle.ServiceContext;
import io.github.pgqfleet.sql.Database;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;

/**
 * Maintains one database once, in a short-lived session of its own, as long as this process leads
 * it. Runs in one thread.
 */
final class DatabaseMaintenance implements Service {

  private final Ticking ticking;
  private final DatabaseState state;
  private final Kind kind;

  /** What is done. */
  enum Kind {
    /** All that PgQ lists: rotation, vacuum, extra maintenance. */
    OPERATIONS,
    /** Retried events go back into their queues. */
    RETRIES
  }

  DatabaseMaintenance(Ticking ticking, DatabaseState state, Kind kind) {
    this.ticking = ticking;
    this.state = state;
    this.kind = kind;
  }

  @Override
  public String name() {
    return nameOf(kind, state.database());
  }

  static String nameOf(Kind kind, Database database) {
    return (kind == Kind.RETRIES ? "retry " : "maintenance ") + database;
  }

  /** What is cut off is done by the next round; a stop must not wait for a vacuum. */
  @Override
  public boolean interruptible() {
    return true;
  }

  @Override
  public void run(ServiceContext context) throws Exception {
    var whileLeading = new WhileLeading(context, state);
    switch (kind) {
      case OPERATIONS ->
          ticking
              .gates()
              .maintaining(
                  state.database(),
                  whileLeading,
                  () -> operations(ticking, state.database(), whileLeading));
      case RETRIES -> retries(ticking, state.database(), whileLeading);
    }
    context.succeeded();
  }

  /** A context that asks to stop when this process leads no more. */
  private record WhileLeading(ServiceContext context, DatabaseState state)
      implements ServiceContext {

    @Override
    public boolean stopRequested() {
      return context.stopRequested() || !state.leads();
    }

    @Override
    public boolean sleep(Duration duration) throws InterruptedException {
      return context.sleep(duration) && state.leads();
    }

    @Override
    public void succeeded() {
      context.succeeded();
    }
  }

  /** One round of all that PgQ lists; what fails is in health by its name. */
  static void operations(Ticking ticking, Database database, ServiceContext context)
      throws SQLException, InterruptedException {
    if (context.stopRequested()) {
      return;
    }
    try (var connection = open(ticking, database)) {
      new MaintenanceRound(
              connection,
              database,
              ticking.config().vacuum(),
              ticking.failures(),
              ticking.metrics())
          .run(context);
    }
  }

  /** Empties the retry queue. */
  static void retries(Ticking ticking, Database database, ServiceContext context)
      throws SQLException {
    if (context.stopRequested()) {
      return;
    }
    try (var connection = open(ticking, database)) {
      ticking.metrics().retried(new RetryQueue(connection).empty(context));
    }
  }

  private static Connection open(Ticking ticking, Database database) throws SQLException {
    var settings = database.settings().withStatementTimeout(ticking.config().maintenanceTimeout());
    return ticking.maintenanceSessions().open(database.with(settings));
  }
}
