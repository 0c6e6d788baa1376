package io.github.pgqfleet.fleet;

import io.github.pgqfleet.config.NamePattern;
import io.github.pgqfleet.config.Server;
import io.github.pgqfleet.sql.Database;
import io.github.pgqfleet.sql.Sessions;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** Finds the databases of a server. Stateless. */
public final class Discovery {

  private static final String CONNECTABLE =
      "select datname from pg_database where datallowconn and not datistemplate order by datname";

  private Discovery() {}

  /**
   * The databases of a server in the order of their names: those listed, which need not exist, and
   * those that fit a pattern now.
   *
   * @throws SQLException when patterns must be looked up and the server does not answer
   */
  public static List<Database> find(Server server, Sessions sessions) throws SQLException {
    if (!server.hasPatterns()) {
      return server.databases().stream().distinct().map(server::database).toList();
    }
    var found = new ArrayList<String>();
    try (var connection = sessions.open(server.database(server.lookupDatabase()));
        var statement = connection.createStatement();
        var rows = statement.executeQuery(CONNECTABLE)) {
      while (rows.next()) {
        var name = rows.getString(1);
        if (server.includes(name)) {
          found.add(name);
        }
      }
    }
    server.databases().stream()
        .filter(name -> !new NamePattern(name).isPattern() && !found.contains(name))
        .forEach(found::add);
    return found.stream().sorted().map(server::database).toList();
  }
}
