package io.github.pgqfleet.ticker;

import io.github.pgqfleet.lifecycle.ServiceContext;
import io.github.pgqfleet.pgq.MaintOperation;
import io.github.pgqfleet.pgq.Pgq;
import io.github.pgqfleet.sql.Database;
import io.github.pgqfleet.ticker.RotationGuard.Verdict;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One round of all that {@code pgq.maint_operations()} lists, each operation in a transaction of
 * its own. One that fails is named, and stops none of the others. As thread-safe as its connection:
 * not.
 */
final class MaintenanceRound {

  private static final Logger log = LoggerFactory.getLogger(MaintenanceRound.class);

  private static final String STEP2 = "pgq.maint_rotate_tables_step2";

  /** How often a function that asks to be called again is, in one round. */
  private static final int CALLS = 100;

  /** Most sessions' snapshots are gone at once; the round waits so long, the rest for the next. */
  private static final Duration LOOK_AGAIN = Duration.ofMillis(100);

  private static final int LOOKS = 50;

  private final Connection connection;
  private final Database database;
  private final boolean vacuums;
  private final FailureLog failures;
  private final TickerMetrics metrics;
  private final Pgq pgq;

  /**
   * @param connection in autocommit mode, with the bounds of maintenance
   */
  MaintenanceRound(
      Connection connection,
      Database database,
      boolean vacuums,
      FailureLog failures,
      TickerMetrics metrics) {
    this.connection = connection;
    this.database = database;
    this.vacuums = vacuums;
    this.failures = failures;
    this.metrics = metrics;
    this.pgq = new Pgq(connection);
  }

  private interface Operation {
    void run() throws SQLException, InterruptedException;
  }

  /**
   * Does the round, or as much as it can until a stop is requested.
   *
   * @throws SQLException when the session is lost, or PgQ cannot say what is to be done
   */
  void run(ServiceContext context) throws SQLException, InterruptedException {
    var operations = pgq.maintOperations();
    for (var operation : operations) {
      if (context.stopRequested()) {
        return;
      }
      if (!operation.isVacuum() && !isStep2(operation)) {
        attempt(operation.toString(), () -> call(operation));
      } else if (operation.isVacuum() && vacuums) {
        attempt(operation.toString(), () -> vacuum(operation));
      }
    }
    failures.succeededExcept(
        database,
        part(database, ""),
        operations.stream().map(o -> part(database, isStep2(o) ? STEP2 : o.toString())).toList());
    // Last, since it may have to wait.
    if (operations.stream().anyMatch(MaintenanceRound::isStep2)) {
      attempt(STEP2, () -> completeRotation(context));
    }
  }

  /** What failed in an earlier round, and PgQ lists no more, is over. */
  static void nothingToDo(Database database, FailureLog failures) {
    failures.succeededExcept(database, part(database, ""), List.of());
  }

  private static String part(Database database, String operation) {
    return "maintenance " + database + " " + operation;
  }

  private static boolean isStep2(MaintOperation operation) {
    return operation.function().equals(STEP2);
  }

  private void attempt(String name, Operation operation) throws SQLException, InterruptedException {
    var part = part(database, name);
    try {
      operation.run();
      failures.succeeded(database, part);
    } catch (SQLException e) {
      QueueTicks.rethrowIfLost(e);
      failures.failed(database, part, e);
    }
  }

  private void call(MaintOperation operation) throws SQLException {
    var argument = operation.argument();
    var sql =
        "select " + quoted(operation.function()) + (argument.isPresent() ? "(?::text)" : "()");
    try (var statement = connection.prepareStatement(sql)) {
      if (argument.isPresent()) {
        statement.setString(1, argument.get());
      }
      for (int calls = 0; calls < CALLS; calls++) {
        metrics.maintained();
        try (var row = statement.executeQuery()) {
          if (!row.next() || row.getInt(1) <= 0) {
            return;
          }
        }
      }
    }
  }

  /** A statement and not a function: it must not be in a transaction, and has no result. */
  private void vacuum(MaintOperation operation) throws SQLException {
    var table = operation.argument().orElseThrow(() -> new SQLException("vacuum of no table"));
    try (var statement = connection.createStatement()) {
      statement.execute("vacuum " + quoted(table));
      metrics.maintained();
      var warning = statement.getWarnings();
      if (warning != null) {
        // How PostgreSQL says that the role may not vacuum this table, and that it did not.
        throw new SQLException(warning.getMessage(), warning.getSQLState());
      }
    }
  }

  private void completeRotation(ServiceContext context) throws SQLException, InterruptedException {
    var guard = new RotationGuard(connection);
    var verdict = guard.look();
    for (int looks = 1; verdict instanceof Verdict.HeldBack && looks < LOOKS; looks++) {
      if (!context.sleep(LOOK_AGAIN)) {
        return;
      }
      verdict = guard.look();
    }
    switch (verdict) {
      case Verdict.NothingToDo() -> {}
      case Verdict.Clear() -> call(new MaintOperation(STEP2, Optional.empty()));
      case Verdict.HeldBack(var by) -> {
        metrics.step2HeldBack();
        log.info("database={} event=rotation_step2_held_back by=\"{}\"", database, by);
      }
    }
  }

  private String quoted(String name) throws SQLException {
    try (var statement = connection.prepareStatement("select pgq.quote_fqname(?)")) {
      statement.setString(1, name);
      try (var row = statement.executeQuery()) {
        row.next();
        return row.getString(1);
      }
    }
  }
}
