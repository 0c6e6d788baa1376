package io.github.pgqfleet.sql;

/**
 * One PostgreSQL database of the fleet. Immutable.
 *
 * @param server the server's name in the configuration, or {@value #DESTINATION_SERVER}
 * @param name the database's name on that server
 * @param settings how to connect to the server
 */
public record Database(String server, String name, ConnectionSettings settings) {

  /** The server name under which the destination database is known everywhere. */
  public static final String DESTINATION_SERVER = "destination";

  /** The name that logs, status, health and positions use: {@code server/database}. */
  public String id() {
    return server + "/" + name;
  }

  /** Databases are keys of much that is looked up often; the settings would tell few apart. */
  @Override
  public int hashCode() {
    return 31 * server.hashCode() + name.hashCode();
  }

  @Override
  public String toString() {
    return id();
  }

  /** The same database, reached in another way. */
  public Database with(ConnectionSettings other) {
    return new Database(server, name, other);
  }
}
