package io.github.pgqfleet.worker.batch;

import io.github.pgqfleet.worker.api.Event;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Calls a function in the same database for each event, in order, in one statement: no event leaves
 * the server. Not thread-safe.
 */
public final class SqlFunctionWork implements BatchWork {

  /** The parameters of the function, which are the columns of an event. */
  public static final String SIGNATURE =
      "(bigint, timestamptz, bigint, integer, text, text, text, text, text, text)";

  private static final String COLUMNS =
      "ev_id, ev_time, ev_txid, ev_retry, ev_type, ev_data, ev_extra1, ev_extra2, ev_extra3,"
          + " ev_extra4";

  /** A new event's null is easily overlooked where a function compares it. */
  private static final String ARGUMENTS = COLUMNS.replace("ev_retry", "coalesce(ev_retry, 0)");

  private static final String PARAMETERS =
      "?::text[]::int8[], ?::text[]::timestamptz[], ?::text[]::int8[], ?::text[]::int4[],"
          + " ?::text[], ?::text[], ?::text[], ?::text[], ?::text[], ?::text[]";

  /** Of the columns, as text. */
  private static final List<Function<Event, @Nullable String>> VALUES =
      List.of(
          e -> Long.toString(e.id()),
          e -> e.time().toString(),
          e -> Long.toString(e.txid()),
          e -> Integer.toString(e.retry()),
          Event::type,
          Event::data,
          Event::extra1,
          Event::extra2,
          Event::extra3,
          Event::extra4);

  private final String function;
  private @Nullable String resolved;

  /**
   * @param function the function's name, with its schema unless it is in the search path; quoted
   *     where SQL wants it quoted
   */
  public SqlFunctionWork(String function) {
    this.function = function;
  }

  /**
   * The function's name with its schema, quoted by the server; empty when there is no function of
   * that name with {@link #SIGNATURE}, or only a STRICT one: most events have a column that is
   * null, for which PostgreSQL would not call it.
   *
   * @throws SQLException when the text is no name at all
   */
  public static Optional<String> resolve(Connection connection, String function)
      throws SQLException {
    try (var statement =
        connection.prepareStatement(
            """
            select format('%I.%I', n.nspname, p.proname)
              from pg_catalog.pg_proc p
              join pg_catalog.pg_namespace n on n.oid = p.pronamespace
             where p.oid = to_regprocedure(? || ?)
               and p.prokind = 'f'
               and not p.proretset
               and not p.proisstrict\
            """)) {
      statement.setString(1, function);
      statement.setString(2, SIGNATURE);
      try (var rows = statement.executeQuery()) {
        return rows.next() ? Optional.of(rows.getString(1)) : Optional.empty();
      }
    }
  }

  @Override
  public long handle(Connection connection, String eventSql, BatchDelivery delivery)
      throws SQLException {
    // Counting the results makes the server compute each; the inner query keeps the events' order.
    var sql =
        "select count(*), count(%s(%s)) from (%s) e"
            .formatted(name(connection), ARGUMENTS, eventSql);
    try (var statement = connection.createStatement();
        var row = statement.executeQuery(sql)) {
      row.next();
      return row.getLong(1);
    }
  }

  @Override
  public void handle(List<Event> events, Connection connection, BatchDelivery delivery)
      throws SQLException {
    var sql =
        "select count(*), count(%s(%s)) from unnest(%s) as e (%s)"
            .formatted(name(connection), COLUMNS, PARAMETERS, COLUMNS);
    try (var statement = connection.prepareStatement(sql)) {
      for (int i = 0; i < VALUES.size(); i++) {
        var column = VALUES.get(i);
        statement.setArray(
            i + 1, connection.createArrayOf("text", events.stream().map(column).toArray()));
      }
      statement.execute();
    }
  }

  private String name(Connection connection) throws SQLException {
    if (resolved == null) {
      resolved =
          resolve(connection, function)
              .orElseThrow(
                  () ->
                      new BrokenHandlerException(
                          "there is no function "
                              + function
                              + SIGNATURE
                              + " that is not STRICT"
                              + "; create it, or correct worker.queues.<queue>.handler.function"));
    }
    return resolved;
  }
}
