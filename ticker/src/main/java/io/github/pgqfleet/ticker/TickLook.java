package io.github.pgqfleet.ticker;

import io.github.pgqfleet.sql.SqlScript;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGStatement;

/**
 * The cheap look at a database: which of its queues are due for a tick. It takes no transaction id.
 * As thread-safe as its connection: not.
 */
final class TickLook {

  private static final String SQL = SqlScript.load(TickLook.class, "look.sql");

  private final Connection connection;
  private final PreparedStatement statement;

  /**
   * What the look says of a queue; one that wants nothing is not in the result.
   *
   * @param due whether {@code pgq.ticker(queue)} would make a tick now
   * @param eventId the last number that the event sequence gave
   * @param unusedSequence the event sequence, quoted, when it has given at most one number. PgQ
   *     cannot see the first number of a sequence being used, so somebody has to use it up
   */
  record Seen(String queue, boolean due, long eventId, Optional<String> unusedSequence) {}

  TickLook(Connection connection) throws SQLException {
    this.connection = connection;
    this.statement = connection.prepareStatement(SQL);
    // It runs all day: let the server plan it once.
    statement.unwrap(PGStatement.class).setPrepareThreshold(1);
  }

  /** Looks at all queues but these. */
  List<Seen> atAllBut(Collection<String> queues) throws SQLException {
    return look(queues, null);
  }

  /** Looks at one queue. */
  List<Seen> at(String queue) throws SQLException {
    return look(List.of(), List.of(queue));
  }

  private List<Seen> look(Collection<String> but, @Nullable Collection<String> only)
      throws SQLException {
    var onlyArray = only == null ? null : array(only);
    statement.setArray(1, array(but));
    statement.setArray(2, onlyArray);
    statement.setArray(3, onlyArray);
    try (var rows = statement.executeQuery()) {
      var seen = new ArrayList<Seen>();
      while (rows.next()) {
        seen.add(
            new Seen(
                rows.getString(1),
                rows.getBoolean(2),
                rows.getLong(3),
                Optional.ofNullable(rows.getString(4))));
      }
      return seen;
    }
  }

  private java.sql.Array array(Collection<String> names) throws SQLException {
    return connection.createArrayOf("text", names.toArray());
  }
}
