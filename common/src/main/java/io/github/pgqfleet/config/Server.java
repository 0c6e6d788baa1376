package io.github.pgqfleet.config;

import io.github.pgqfleet.sql.ConnectionSettings;
import io.github.pgqfleet.sql.Database;
import java.time.Duration;
import java.util.List;
import java.util.Set;

/**
 * A PostgreSQL server and which of its databases belong to the fleet. Immutable.
 *
 * @param name the server's name in the fleet; positions are kept under it
 * @param settings how to connect
 * @param databases names, or patterns in which {@code *} stands for any characters
 * @param lookupDatabase the database to connect to for looking patterns up
 * @param excluded databases that no pattern means, such as the destination
 */
public record Server(
    String name,
    ConnectionSettings settings,
    List<String> databases,
    String lookupDatabase,
    Set<String> excluded) {

  private static final List<String> SSL_MODES =
      List.of("disable", "allow", "prefer", "require", "verify-ca", "verify-full");

  public Server {
    databases = List.copyOf(databases);
    excluded = Set.copyOf(excluded);
  }

  /** Whether the databases can only be known by asking the server. */
  public boolean hasPatterns() {
    return databases.stream().anyMatch(d -> new NamePattern(d).isPattern());
  }

  /** Whether a database's name is listed, or fits one of the patterns. */
  public boolean includes(String database) {
    return !excluded.contains(database)
        && databases.stream().anyMatch(d -> new NamePattern(d).fits(database));
  }

  /** One of this server's databases. */
  public Database database(String name) {
    return new Database(this.name, name, settings);
  }

  /**
   * The same server without the destination, if it is on it: the mover would copy its queues into
   * themselves.
   */
  Server without(Database destination) {
    var here =
        settings.host().equals(destination.settings().host())
            && settings.port() == destination.settings().port();
    return here
        ? new Server(name, settings, databases, lookupDatabase, Set.of(destination.name()))
        : this;
  }

  static Server read(String name, Section section) {
    if (name.equals(Database.DESTINATION_SERVER) || name.contains("/")) {
      section.problem("host", "belongs to a server named \"" + name + "\"; choose another name");
    }
    var databases = section.strings("databases");
    if (section.has("databases") && databases.isEmpty()) {
      section.problem("databases", "is empty; list names or patterns such as \"app_*\"");
    }
    return new Server(
        name, settings(section), databases, section.string("lookup-database"), Set.of());
  }

  static ConnectionSettings settings(Section section) {
    var moment = Duration.ofMillis(1);
    var hour = Duration.ofHours(1);
    var sslMode = section.string("ssl-mode");
    if (!SSL_MODES.contains(sslMode)) {
      section.problem("ssl-mode", "is \"" + sslMode + "\"; it must be one of " + SSL_MODES);
    }
    var settings =
        new ConnectionSettings(
            section.string("host"),
            section.integer("port", 1, 65_535),
            section.string("user"),
            section.optionalString("password-env"),
            section.optionalPath("password-file"),
            sslMode,
            section.duration("connect-timeout", Duration.ofMillis(250), hour),
            section.duration("socket-timeout", Duration.ofSeconds(1), hour),
            section.duration("statement-timeout", moment, hour),
            section.duration("lock-timeout", moment, hour));
    settings
        .passwordEnv()
        .filter(variable -> System.getenv(variable) == null)
        .ifPresent(v -> section.problem("password-env", "names " + v + ", which is not set"));
    settings
        .passwordFile()
        .filter(file -> !java.nio.file.Files.isReadable(file))
        .ifPresent(f -> section.problem("password-file", "names " + f + ", which is not readable"));
    return settings;
  }
}
