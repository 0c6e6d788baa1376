package io.github.pgqfleet.mover;

import io.github.pgqfleet.config.Server;
import io.github.pgqfleet.fleet.Discovery;
import io.github.pgqfleet.sql.Database;
import io.github.pgqfleet.sql.Sessions;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedSet;

/**
 * The queues that an operator names: {@code server}, {@code server/database} or {@code
 * server/database/queue}. Immutable.
 *
 * @param chosen what is named, checked against the configuration
 */
record Selection(List<Choice> chosen) {

  /** One name; what is empty means all of them. */
  record Choice(Server server, Optional<String> database, Optional<String> queue) {}

  /** What was found, and the servers that could not be asked. */
  record Found(SequencedSet<SourceQueue> queues, Map<String, SQLException> failed) {}

  Selection {
    chosen = List.copyOf(chosen);
  }

  /**
   * Checks names against the configuration.
   *
   * @throws IllegalArgumentException with all that is wrong with them, a line each
   */
  static Selection of(List<String> names, MoverConfig config) {
    var problems = new ArrayList<String>();
    var chosen = new ArrayList<Choice>();
    for (var name : names) {
      var parts = name.split("/", 3);
      var server =
          config.fleet().servers().stream().filter(s -> s.name().equals(parts[0])).findFirst();
      if (server.isEmpty()) {
        problems.add(
            "\"%s\": no server of that name in the configuration; it has %s"
                .formatted(name, config.fleet().servers().stream().map(Server::name).toList()));
      } else if (parts.length > 1 && !server.get().includes(parts[1])) {
        problems.add(
            "\"%s\": no database of that name in the configuration; the server has %s"
                .formatted(name, server.get().databases()));
      } else if (parts.length > 2 && !config.fleet().queues().containsKey(parts[2])) {
        problems.add(
            "\"%s\": no queue of that name in the configuration; it has %s"
                .formatted(name, config.fleet().queues().keySet()));
      } else {
        chosen.add(new Choice(server.get(), part(parts, 1), part(parts, 2)));
      }
    }
    if (!problems.isEmpty()) {
      throw new IllegalArgumentException(String.join("\n", problems));
    }
    return new Selection(chosen);
  }

  private static Optional<String> part(String[] parts, int index) {
    return parts.length > index ? Optional.of(parts[index]) : Optional.empty();
  }

  /** Whether it can only be one queue. */
  boolean isOneQueue() {
    return chosen.size() == 1 && chosen.getFirst().queue().isPresent();
  }

  /** Finds the queues, each once, in the order of the names. */
  Found find(MoverConfig config, Sessions sessions) {
    var queues = new LinkedHashSet<SourceQueue>();
    var failed = new LinkedHashMap<String, SQLException>();
    for (var choice : chosen) {
      try {
        for (var database : databases(choice, sessions)) {
          config.queues(database).stream()
              .filter(q -> choice.queue().isEmpty() || choice.queue().get().equals(q.queue()))
              .forEach(queues::add);
        }
      } catch (SQLException e) {
        failed.put(choice.server().name(), e);
      }
    }
    return new Found(queues, failed);
  }

  private static List<Database> databases(Choice choice, Sessions sessions) throws SQLException {
    return choice.database().isPresent()
        ? List.of(choice.server().database(choice.database().get()))
        : Discovery.find(choice.server(), sessions);
  }
}
