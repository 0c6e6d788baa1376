package io.github.pgqfleet.worker.flow;

import io.github.pgqfleet.sql.ScriptRevision;
import io.github.pgqfleet.sql.ScriptRevision.State;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.HashSet;
import java.util.Set;

/**
 * Which queues an operator has paused, for all workers of a consumer: table {@code
 * pgq_fleet.paused_queue} in the destination. Where that is not there, none is. On one connection,
 * in autocommit mode or the caller's transaction; as thread-safe as that: not.
 */
public final class PausedQueues {

  /** The channel that tells of a change. */
  public static final String CHANNEL = "pgq_fleet_flow";

  /** The revision of {@code flow.sql} that this release carries. */
  private static final int REVISION = 1;

  private final Connection connection;
  private boolean present;

  public PausedQueues(Connection connection) {
    this.connection = connection;
  }

  /** How the database stands to {@code flow.sql}. */
  public State state() throws SQLException {
    return ScriptRevision.state(connection, "flow_revision", REVISION);
  }

  private boolean isThere() throws SQLException {
    return switch (state()) {
      case MISSING, FORBIDDEN -> false;
      case OLD, READY -> true;
    };
  }

  /** The queues on which this consumer is paused. */
  public Set<String> of(String consumer) throws SQLException {
    var queues = new HashSet<String>();
    // A failed statement each poll interval would fill the server's log.
    present = present || isThere();
    if (present) {
      try (var statement =
          connection.prepareStatement(
              "select queue_name from pgq_fleet.paused_queue where consumer_name = ?")) {
        statement.setString(1, consumer);
        try (var rows = statement.executeQuery()) {
          while (rows.next()) {
            queues.add(rows.getString(1));
          }
        }
      }
    }
    return queues;
  }

  /** Pauses a queue; false when it is paused already. Its workers are told on commit. */
  public boolean pause(String queue, String consumer) throws SQLException {
    return change(
        """
        insert into pgq_fleet.paused_queue (queue_name, consumer_name) values (?, ?)
            on conflict do nothing\
        """,
        queue,
        consumer);
  }

  /** Lets it go on; false when it is not paused. Its workers are told on commit. */
  public boolean resume(String queue, String consumer) throws SQLException {
    return change(
        "delete from pgq_fleet.paused_queue where queue_name = ? and consumer_name = ?",
        queue,
        consumer);
  }

  private boolean change(String sql, String queue, String consumer) throws SQLException {
    int rows;
    try (var statement = connection.prepareStatement(sql)) {
      statement.setString(1, queue);
      statement.setString(2, consumer);
      rows = statement.executeUpdate();
    }
    try (var statement = connection.createStatement()) {
      statement.execute("notify " + CHANNEL);
    }
    return rows == 1;
  }
}
