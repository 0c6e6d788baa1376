package io.github.pgqfleet.ticker;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.github.pgqfleet.pgq.Pgq;
import io.github.pgqfleet.sql.Database;
import io.github.pgqfleet.sql.SqlScript;
import io.github.pgqfleet.sql.SqlStates;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What {@code status} shows of a database. Immutable.
 *
 * @param leader the session that ticks it; null when nobody does
 * @param queues how many queues it has
 * @param notTicked how many of them are paused or have an external ticker
 * @param oldestTickSeconds age of the newest tick of the queue where it is oldest
 * @param pendingEvents events newer than the newest tick of their queue, by their sequences
 * @param drift how many settings and queues differ from the configuration
 * @param alarms what is beyond its limit, in words
 * @param problem why nothing is known, or what is wrong
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
record DatabaseStatus(
    String database,
    @Nullable Leader leader,
    long queues,
    long notTicked,
    @Nullable Double oldestTickSeconds,
    long pendingEvents,
    int drift,
    List<String> alarms,
    @Nullable String problem) {

  private static final String SQL = SqlScript.load(DatabaseStatus.class, "status.sql");

  /**
   * The session that ticks a database.
   *
   * @param host the client's address as the server sees it
   */
  record Leader(int pid, String application, String host) {}

  /**
   * The worst first: those without an answer, without a leader, with alarms; then by the age of the
   * oldest tick.
   */
  static final Comparator<DatabaseStatus> WORST_FIRST =
      Comparator.comparing((DatabaseStatus s) -> s.problem() == null)
          .thenComparing(s -> s.leader() != null)
          .thenComparing(s -> s.alarms().isEmpty())
          .thenComparing(
              s -> s.oldestTickSeconds() == null ? 0.0 : s.oldestTickSeconds(),
              Comparator.reverseOrder())
          .thenComparing(DatabaseStatus::database);

  /** A database of which nothing is known. */
  static DatabaseStatus unknown(String database, String problem) {
    return new DatabaseStatus(database, null, 0, 0, null, 0, 0, List.of(), problem);
  }

  /** Asks a database. */
  static DatabaseStatus read(Connection connection, Database database, TickerConfig config)
      throws SQLException {
    if (new Pgq(connection).version().isEmpty()) {
      return unknown(database.id(), "PgQ is not installed; run `ticker provision`");
    }
    var drift =
        (int)
            QueueDrift.find(connection, config.fleet().queues()).stream()
                .filter(found -> !(found instanceof QueueDrift.Found.NotTicked))
                .count();
    try (var statement = connection.prepareStatement(SQL)) {
      statement.setInt(1, Leadership.CLASS);
      statement.setInt(2, Leadership.LEADER);
      try (var row = statement.executeQuery()) {
        row.next();
        var pid = row.getInt(1);
        var leader = row.wasNull() ? null : new Leader(pid, row.getString(2), row.getString(3));
        var age = row.getDouble(6);
        return new DatabaseStatus(
            database.id(),
            leader,
            row.getLong(4),
            row.getLong(5),
            row.wasNull() ? null : age,
            row.getLong(7),
            drift,
            alarms(connection, database, config),
            null);
      }
    }
  }

  private static List<String> alarms(Connection connection, Database database, TickerConfig config)
      throws SQLException {
    try {
      return Sighting.readAll(connection, config.mostEventsToCount()).stream()
          .filter(sighting -> sighting.exceeds(config.limits()))
          .map(sighting -> sighting.part(database) + ": " + sighting.words(config.limits()))
          .toList();
    } catch (SQLException e) {
      if (SqlStates.INSUFFICIENT_PRIVILEGE.equals(e.getSQLState())) {
        // Whoever may only look at the queues sees the rest.
        return List.of();
      }
      throw e;
    }
  }
}
