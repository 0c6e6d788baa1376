package io.github.pgqfleet.cli;

import io.github.pgqfleet.config.FleetConfig;
import io.github.pgqfleet.fleet.Discovery;
import io.github.pgqfleet.fleet.Sweep;
import io.github.pgqfleet.fleet.Sweep.Outcome;
import io.github.pgqfleet.sql.Database;
import io.github.pgqfleet.sql.Sessions;
import java.io.PrintWriter;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** Looks at many databases without changing anything, and prints what is amiss with each. */
public final class Checks {

  /** Looks at one database. */
  @FunctionalInterface
  public interface Inspector {
    List<Finding> inspect(Connection connection, Database database) throws SQLException;
  }

  private final Sessions sessions;
  private final PrintWriter out;
  private int problems;

  public Checks(Sessions sessions, PrintWriter out) {
    this.sessions = sessions;
    this.out = out;
  }

  /** The source databases; a server that cannot be asked for them is a problem, and named. */
  public List<Database> sources(FleetConfig fleet) {
    var databases = new ArrayList<Database>();
    for (var server : fleet.servers()) {
      try {
        var found = Discovery.find(server, sessions);
        databases.addAll(found);
        if (found.isEmpty()) {
          problem(server.name() + ": no database fits " + server.databases());
        }
      } catch (SQLException e) {
        problem(server.name() + ": " + e.getMessage());
      }
    }
    return databases;
  }

  /** Inspects each database in its own session and prints what is found. */
  public void inspect(List<Database> databases, Inspector inspector) throws InterruptedException {
    try (var progress = new Progress("check", databases.size())) {
      Sweep.run(
              databases,
              database -> {
                try (var connection = sessions.open(database)) {
                  return inspector.inspect(connection, database);
                }
              },
              progress::step)
          .forEach(this::print);
    }
  }

  /** How many problems were found so far. */
  public int problems() {
    return problems;
  }

  /** Prints the summary; the exit code is 0 when nothing is amiss, else 1. */
  public int summary(int databases) {
    out.println("check: databases=" + databases + " problems=" + problems);
    out.flush();
    return problems == 0 ? 0 : 1;
  }

  private void print(Database database, Outcome<List<Finding>> outcome) {
    switch (outcome) {
      case Outcome.Done<List<Finding>>(var findings) ->
          findings.forEach(f -> problem(database + ": " + f));
      case Outcome.Failed<List<Finding>>(var reason) -> {
        var text = String.valueOf(reason.getMessage());
        problem(text.contains(database.id()) ? text : database + ": " + text);
      }
    }
  }

  private void problem(String line) {
    problems++;
    out.println(line);
  }
}
