package io.github.pgqfleet.ticker;

import io.github.pgqfleet.sql.Database;
import io.github.pgqfleet.sql.SqlScript;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One thing that was watched.
 *
 * @param queue the queue's name, or empty for what concerns the whole database
 * @param whose a consumer, a batch, a session
 * @param amount in seconds or events
 * @param cause what is known of the cause
 */
record Sighting(Watched what, String queue, String whose, double amount, Optional<String> cause) {

  private static final String SQL = SqlScript.load(Sighting.class, "watch.sql");

  /**
   * Looks at all that is watched in a database. Takes no transaction id.
   *
   * @param mostEvents bound on the counting of events
   */
  static List<Sighting> readAll(Connection connection, long mostEvents) throws SQLException {
    try (var statement = connection.prepareStatement(SQL)) {
      statement.setLong(1, mostEvents);
      try (var rows = statement.executeQuery()) {
        var all = new ArrayList<Sighting>();
        while (rows.next()) {
          all.add(
              new Sighting(
                  Watched.of(rows.getString(1)),
                  rows.getString(2),
                  rows.getString(3),
                  rows.getDouble(4),
                  Optional.ofNullable(rows.getString(5))));
        }
        return all;
      }
    }
  }

  boolean exceeds(Map<Watched, Long> limits) {
    return amount > limits.getOrDefault(what, Long.MAX_VALUE);
  }

  /** The name in health. */
  String part(Database database) {
    var where = queue.isEmpty() ? database.id() : database + "/" + queue;
    return what.key() + " " + where + " " + whose;
  }

  String words(Map<Watched, Long> limits) {
    return what.words(amount)
        + ", more than "
        + what.words(limits.getOrDefault(what, 0L))
        + cause.map(c -> " (" + c + ")").orElse("");
  }
}
