package io.github.pgqfleet.ticker;

import io.github.pgqfleet.sql.SqlScript;
import io.github.pgqfleet.ticker.page.DatabaseSurvey;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGStatement;

/**
 * The cheap look at a database: which of its queues want a tick, and in the same statement {@code
 * pgq.ticker(queue)} for those, where it is asked for. It takes no transaction id unless it makes a
 * tick. As thread-safe as its connection: not.
 */
final class TickLook {

  private static final String SQL = SqlScript.load(TickLook.class, "look.sql");

  private static final int COLUMNS = 9;

  /** The look, and a survey for the fleet page beside it. */
  private static final String WITH_SURVEY =
      """
      with look as (
      %s
      ), survey as (
      %s
      )
      select look.*, survey.*
        from look
        full join survey on survey.queue_name = look.queue_name
       order by survey.queue_name
      """
          .formatted(SQL, DatabaseSurvey.SQL);

  private final Connection connection;

  /**
   * What the look says of a queue.
   *
   * @param due whether a tick is to be made now, or was made; {@code pgq.ticker(queue)} makes one
   *     whenever this says so
   * @param untilDue when it will be due by the clock, if nothing happens; when it is due, after the
   *     tick that is to be made
   * @param quiet present when PgQ sees nothing new, and there may be {@link OverlookedEvents}
   * @param ticked whether it got a tick with this look
   * @param eventId where its event sequence stands
   */
  record Seen(
      String queue,
      int queueId,
      boolean due,
      Duration untilDue,
      Optional<Quiet> quiet,
      boolean ticked,
      long eventId) {}

  /**
   * The moment at which a queue was seen to be quiet.
   *
   * @param eventId where its event sequence stood
   * @param nextTxid all transactions that had an id had a lower one
   */
  record Quiet(long eventId, long nextTxid) {}

  /** What is done about a queue that is due. */
  private enum Then {
    NOTHING,
    TICK,
    TICK_AND_NOTIFY
  }

  TickLook(Connection connection) {
    this.connection = connection;
  }

  /** Looks at all queues but these. */
  List<Seen> atAllBut(Collection<String> queues) throws SQLException {
    return look(queues, null, Then.NOTHING);
  }

  /** Looks at one queue, whatever is the matter with the others. */
  List<Seen> at(String queue) throws SQLException {
    return look(List.of(), queue, Then.NOTHING);
  }

  /**
   * Looks at all queues, and ticks those that are due.
   *
   * @param notify whether NOTIFY goes with each tick, in its transaction
   * @throws SQLException when one of the queues fails; then none got a tick
   */
  List<Seen> tickingDue(boolean notify) throws SQLException {
    return look(List.of(), null, notify ? Then.TICK_AND_NOTIFY : Then.TICK);
  }

  /**
   * The same, and takes a survey along, which shows the database as it was before these ticks.
   *
   * @throws SQLException when one of the queues or the survey fails; then none got a tick
   */
  List<Seen> tickingDue(boolean notify, DatabaseSurvey survey) throws SQLException {
    var taking = survey.begin();
    var seen = new ArrayList<Seen>();
    try (var look = prepared(WITH_SURVEY)) {
      look.setQueryTimeout(Math.toIntExact(DatabaseSurvey.LONGEST.toSeconds()));
      bind(look, List.of(), null, notify ? Then.TICK_AND_NOTIFY : Then.TICK);
      try (var rows = look.executeQuery()) {
        while (rows.next()) {
          // A paused queue, or one with another ticker, is in the survey only.
          if (rows.getString(1) != null) {
            seen.add(seen(rows));
          }
          taking.add(rows, COLUMNS);
        }
      }
    }
    taking.done();
    return seen;
  }

  private List<Seen> look(Collection<String> but, @Nullable String only, Then then)
      throws SQLException {
    try (var look = prepared(SQL)) {
      bind(look, but, only, then);
      try (var rows = look.executeQuery()) {
        var seen = new ArrayList<Seen>();
        while (rows.next()) {
          seen.add(seen(rows));
        }
        return seen;
      }
    }
  }

  private void bind(
      PreparedStatement look, Collection<String> but, @Nullable String only, Then then)
      throws SQLException {
    var onlyArray = only == null ? null : connection.createArrayOf("text", new Object[] {only});
    look.setArray(1, connection.createArrayOf("text", but.toArray()));
    look.setArray(2, onlyArray);
    look.setArray(3, onlyArray);
    look.setBoolean(4, then != Then.NOTHING);
    look.setBoolean(5, then == Then.TICK_AND_NOTIFY);
  }

  private static Seen seen(ResultSet row) throws SQLException {
    var untilDue = Duration.ofNanos((long) (row.getDouble(4) * 1e9));
    var quietEventId = row.getLong(5);
    var quiet =
        row.wasNull()
            ? Optional.<Quiet>empty()
            : Optional.of(new Quiet(quietEventId, row.getLong(6)));
    return new Seen(
        row.getString(1),
        row.getInt(2),
        row.getBoolean(3),
        untilDue,
        quiet,
        row.getBoolean(7),
        row.getLong(COLUMNS));
  }

  /** It runs all day: the driver keeps it prepared, and the server plans it once. */
  private PreparedStatement prepared(String sql) throws SQLException {
    var statement = connection.prepareStatement(sql);
    statement.unwrap(PGStatement.class).setPrepareThreshold(1);
    return statement;
  }
}
