package io.github.pgqfleet.mover;

import io.github.pgqfleet.cli.Finding;
import io.github.pgqfleet.sql.Database;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * How many connections one mover opens at most, and whether servers, roles and databases allow so
 * many. Changes nothing. Immutable.
 */
final class ConnectionLimits {

  private static final String ALLOWED =
      """
      select current_setting('max_connections')::int
               - current_setting('superuser_reserved_connections')::int
               - coalesce(current_setting('reserved_connections', true)::int, 0),
             case when r.rolsuper then -1 else r.rolconnlimit end,
             case when r.rolsuper then -1 else d.datconnlimit end
        from pg_roles r, pg_database d
       where r.rolname = current_user and d.datname = current_database()""";

  /** A mover's session for its heartbeats. */
  private static final int HEARTBEATS = 1;

  private final MoverConfig config;
  private final Map<String, Integer> servers = new LinkedHashMap<>();
  private final Map<String, Database> askedOf = new LinkedHashMap<>();

  /**
   * @param sources all source databases
   */
  ConnectionLimits(MoverConfig config, List<Database> sources) {
    this.config = config;
    var destination = config.fleet().destination();
    servers.put(address(destination), opens(destination));
    askedOf.put(address(destination), destination);
    for (var source : sources) {
      servers.merge(address(source), opens(source), Integer::sum);
      askedOf.putIfAbsent(address(source), source);
    }
  }

  private static String address(Database database) {
    return database.settings().host() + ":" + database.settings().port();
  }

  /** One that leads a source, and those that move. */
  private int opens(Database database) {
    return database.equals(config.fleet().destination())
        ? config.destinationConnections() + SmallBatches.connections(config) + HEARTBEATS
        : 1 + config.sourceConnections();
  }

  /** What the limits of a database, and of its server if it is the one to be asked there, lack. */
  List<Finding> inspect(Connection connection, Database database) throws SQLException {
    try (var statement = connection.createStatement();
        var row = statement.executeQuery(ALLOWED)) {
      if (!row.next()) {
        return List.of();
      }
      var findings = new ArrayList<Finding>();
      if (database.equals(askedOf.get(address(database)))) {
        var needed = servers.getOrDefault(address(database), 0);
        compare(findings, needed, "its server", row.getInt(1), "raise max_connections");
        compare(findings, needed, "its role", row.getInt(2), "raise the role's connection limit");
      }
      compare(
          findings,
          opens(database),
          "this database",
          row.getInt(3),
          "raise the database's connection limit");
      return findings;
    }
  }

  private static void compare(
      List<Finding> findings, int needed, String where, int allowed, String remedy) {
    if (allowed >= 0 && allowed < needed) {
      findings.add(
          new Finding(
              "the mover opens up to %d connections there, but %s allows %d"
                  .formatted(needed, where, allowed),
              remedy + ", or lower mover.source-connections or mover.destination-connections"));
    }
  }
}
