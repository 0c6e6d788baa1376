package io.github.pgqfleet.cli;

import io.github.pgqfleet.fleet.Sweep;
import io.github.pgqfleet.fleet.Sweep.Outcome;
import io.github.pgqfleet.sql.Database;
import io.github.pgqfleet.sql.Sessions;
import io.github.pgqfleet.sql.SqlStates;
import io.github.pgqfleet.sql.Transactions;
import java.io.PrintWriter;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;

/**
 * Creates what is missing in many databases. What is there is left as it is, so that it can be run
 * again at any time.
 */
public final class Provisioning {

  /**
   * One thing to create.
   *
   * @param what in words, for people
   * @param sql one or more statements, literals included, to be run in one transaction
   * @param shown what a dry run prints of it, for psql
   * @param remedy what to do when it fails, in words, or nothing
   */
  public record Step(String what, String sql, String shown, String remedy) {

    /** A step whose SQL is printed as it is run. */
    public Step(String what, String sql) {
      this(what, sql, sql + (sql.strip().endsWith(";") ? "" : ";"), "");
    }
  }

  /** Finds out, without changing anything, what a database lacks. */
  @FunctionalInterface
  public interface Planner {
    List<Step> plan(Connection connection, Database database) throws SQLException;
  }

  private static final int ATTEMPTS = 5;

  private final Sessions sessions;
  private final PrintWriter out;
  private final boolean dryRun;
  private int steps;
  private int failures;

  /**
   * @param dryRun print the SQL, change nothing
   */
  public Provisioning(Sessions sessions, PrintWriter out, boolean dryRun) {
    this.sessions = sessions;
    this.out = out;
    this.dryRun = dryRun;
  }

  /** Brings each database to what the planner wants; one that fails does not stop the others. */
  public void apply(List<Database> databases, Planner planner) throws InterruptedException {
    try (var progress = new Progress("provision", databases.size())) {
      Sweep.run(databases, database -> provision(database, planner), progress::step)
          .forEach(this::print);
    }
  }

  /** In how many databases something failed so far. */
  public int failures() {
    return failures;
  }

  /** Prints the summary; the exit code is 0 when all worked, else 1. */
  public int summary() {
    out.println(
        "provision: %s=%d failed=%d".formatted(dryRun ? "missing" : "created", steps, failures));
    out.flush();
    return failures == 0 ? 0 : 1;
  }

  private List<Step> provision(Database database, Planner planner) throws SQLException {
    try (var connection = sessions.open(database)) {
      var plan = planner.plan(connection, database);
      if (!dryRun) {
        for (var step : plan) {
          runAmongOthers(connection, step);
        }
      }
      return plan;
    }
  }

  /**
   * Roles belong to the whole server, and extension pgq makes some: two databases that get it at
   * once are in each other's way. One of them wins, and the other finds the roles when it looks
   * again.
   */
  private static void runAmongOthers(Connection connection, Step step) throws SQLException {
    for (int attempt = 1; ; attempt++) {
      try {
        run(connection, step);
        return;
      } catch (SQLException e) {
        if (attempt == ATTEMPTS || !SqlStates.isMadeByAnotherMeanwhile(e)) {
          throw e;
        }
      }
    }
  }

  private static void run(Connection connection, Step step) throws SQLException {
    try {
      // Not left to autocommit: the driver sends a long list of statements in parts.
      Transactions.inTransaction(
          connection,
          transaction -> {
            try (var statement = transaction.createStatement()) {
              // PostgreSQL's own SQL, in which braces are no escapes of JDBC.
              statement.setEscapeProcessing(false);
              return statement.execute(step.sql());
            }
          });
    } catch (SQLException e) {
      var remedy = step.remedy().isEmpty() ? "" : "; " + step.remedy();
      throw new SQLException(
          "cannot " + step.what() + ": " + e.getMessage() + remedy, e.getSQLState(), e);
    }
  }

  private void print(Database database, Outcome<List<Step>> outcome) {
    switch (outcome) {
      case Outcome.Done<List<Step>>(var plan) -> {
        steps += plan.size();
        for (var step : plan) {
          if (dryRun) {
            out.println("-- " + database + ": " + step.what());
            out.println(step.shown().strip());
          }
        }
      }
      case Outcome.Failed<List<Step>>(var reason) -> {
        failures++;
        var text = String.valueOf(reason.getMessage());
        out.println(text.contains(database.id()) ? text : database + ": " + text);
      }
    }
  }
}
