package io.github.pgqfleet.config;

import io.github.pgqfleet.sql.Database;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What all executables share: the queues, the source servers and the destination. Immutable.
 *
 * @param queues every queue's settings, by name; a source database has all of them, and so has the
 *     destination unless routes say otherwise
 * @param servers the servers with the source databases, in the order of their names
 * @param destination the database into which the mover forwards
 * @param discoveryPeriod how often databases are looked for again
 */
public record FleetConfig(
    SortedMap<String, QueueSettings> queues,
    List<Server> servers,
    Database destination,
    Duration discoveryPeriod) {

  public FleetConfig {
    queues = Collections.unmodifiableSortedMap(new TreeMap<>(queues));
    servers = List.copyOf(servers);
  }

  /** The environment variables that hold passwords: nobody else's business. */
  public Set<String> passwordVariables() {
    return Stream.concat(Stream.of(destination.settings()), servers.stream().map(Server::settings))
        .flatMap(settings -> settings.passwordEnv().stream())
        .collect(Collectors.toUnmodifiableSet());
  }

  /** Reads the part {@code fleet} of the file. */
  public static FleetConfig read(Section root) {
    var fleet = root.section("fleet");
    var queueDefaults = fleet.section("queue-defaults");
    var connection = fleet.section("connection");

    var queues = new TreeMap<String, QueueSettings>();
    fleet
        .sections("queues")
        .forEach((n, s) -> queues.put(n, QueueSettings.read(s.withDefaults(queueDefaults))));
    if (queues.isEmpty()) {
      fleet.problem("queues", "is empty; name at least one queue, such as queues { orders {} }");
    }

    var destination = fleet.section("destination").withDefaults(connection);
    destination.ignore(List.of("lookup-database"));
    var destinationDatabase =
        new Database(
            Database.DESTINATION_SERVER,
            destination.string("database"),
            Server.settings(destination));

    var servers =
        fleet.sections("servers").entrySet().stream()
            .map(e -> Server.read(e.getKey(), e.getValue().withDefaults(connection)))
            .map(server -> server.without(destinationDatabase))
            .toList();
    if (servers.isEmpty()) {
      fleet.problem("servers", "is empty; name at least one server with its databases");
    }

    return new FleetConfig(
        queues,
        servers,
        destinationDatabase,
        fleet.duration("discovery-period", Duration.ofSeconds(1), Duration.ofDays(1)));
  }
}
