package io.github.pgqfleet.pgq;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * The SQL of PgQ's API, one method a function, on one connection; batches are opened by {@link
 * NextBatches}. It neither begins nor commits; the caller's transaction, or autocommit, is what
 * counts. As thread-safe as its connection: not.
 */
public final class Pgq {

  private static final String CURRENT_EVENT_TABLES =
      """
      select pgq.quote_fqname(pgq.current_event_table(queue))
        from unnest(?) with ordinality as asked (queue, number)
       order by number""";

  private final Connection connection;

  public Pgq(Connection connection) {
    this.connection = connection;
  }

  /**
   * Whether PgQ is there, as an extension or from its plain SQL file.
   *
   * <p>Asks the catalogue, since a failed statement would spoil the caller's transaction.
   */
  public boolean isInstalled() throws SQLException {
    try (var statement =
            connection.prepareStatement("select to_regprocedure('pgq.version()') is not null");
        var row = one(statement)) {
      return row.getBoolean(1);
    }
  }

  /**
   * {@code pgq.version()}, of a PgQ that is installed. Empty where it was installed from its plain
   * SQL file: releases up to 3.2.6 carry their version in the function, the later ones return that
   * of the extension.
   */
  public Optional<String> version() throws SQLException {
    try (var statement = connection.prepareStatement("select pgq.version()");
        var row = one(statement)) {
      return Optional.ofNullable(row.getString(1));
    }
  }

  /** Names of all queues, in order. */
  public List<String> queues() throws SQLException {
    try (var statement =
            connection.prepareStatement("select queue_name from pgq.queue order by queue_name");
        var rows = statement.executeQuery()) {
      return strings(rows);
    }
  }

  /** {@code pgq.register_consumer}: true when the consumer is new, false when it was there. */
  public boolean registerConsumer(String queue, String consumer) throws SQLException {
    return callInt("select pgq.register_consumer(?, ?)", queue, consumer) == 1;
  }

  /**
   * {@code pgq.register_consumer_at}: moves a consumer to a tick that exists, and drops the batch
   * that it may have open.
   */
  public void registerConsumerAt(String queue, String consumer, long tickId) throws SQLException {
    callInt("select pgq.register_consumer_at(?, ?, ?)", queue, consumer, tickId);
  }

  /** The registration of a consumer, if it has one. */
  public Optional<Subscription> subscription(String queue, String consumer) throws SQLException {
    try (var statement =
            prepare(
                """
                select s.sub_id, s.sub_last_tick, s.sub_batch
                  from pgq.subscription s
                  join pgq.queue q on q.queue_id = s.sub_queue
                  join pgq.consumer c on c.co_id = s.sub_consumer
                 where q.queue_name = ? and c.co_name = ?\
                """,
                queue,
                consumer);
        var rows = statement.executeQuery()) {
      return rows.next()
          ? Optional.of(
              new Subscription(rows.getInt(1), optionalLong(rows, 2), optionalLong(rows, 3)))
          : Optional.empty();
    }
  }

  /** A tick that the queue still has. */
  public Optional<Tick> tick(String queue, long tickId) throws SQLException {
    try (var statement =
            prepare(
                """
                select t.tick_id, t.tick_time, t.tick_event_seq
                  from pgq.tick t join pgq.queue q on q.queue_id = t.tick_queue
                 where q.queue_name = ? and t.tick_id = ?\
                """,
                queue,
                tickId);
        var rows = statement.executeQuery()) {
      return rows.next()
          ? Optional.of(new Tick(rows.getLong(1), instant(rows, 2), rows.getLong(3)))
          : Optional.empty();
    }
  }

  /**
   * {@code pgq.current_event_table} of several queues, in their order: the tables, quoted by the
   * server, that take new events. Good for the current transaction only, under READ COMMITTED, and
   * only when the transaction has written something before this statement.
   */
  public List<String> currentEventTables(List<String> queues) throws SQLException {
    try (var statement = prepare(CURRENT_EVENT_TABLES, (Object) queues.toArray(String[]::new));
        var rows = statement.executeQuery()) {
      return strings(rows);
    }
  }

  /**
   * {@code pgq.batch_event_sql}: the query that reads the events of a batch in order; good as long
   * as the batch is open.
   */
  public String batchEventSql(long batch) throws SQLException {
    try (var statement = prepare("select pgq.batch_event_sql(?)", batch);
        var row = one(statement)) {
      return row.getString(1);
    }
  }

  /** {@code pgq.maint_operations}: what maintenance asks to be done now. */
  public List<MaintOperation> maintOperations() throws SQLException {
    try (var statement =
            connection.prepareStatement("select func_name, func_arg from pgq.maint_operations()");
        var rows = statement.executeQuery()) {
      var operations = new ArrayList<MaintOperation>();
      while (rows.next()) {
        operations.add(
            new MaintOperation(rows.getString(1), Optional.ofNullable(rows.getString(2))));
      }
      return operations;
    }
  }

  /** {@code pgq.maint_retry_events}: moves at most ten events; how many it moved. */
  public int maintRetryEvents() throws SQLException {
    return callInt("select pgq.maint_retry_events()");
  }

  /** A {@code timestamptz} column, exact to the microsecond. */
  public static Instant instant(ResultSet row, int column) throws SQLException {
    return row.getObject(column, OffsetDateTime.class).toInstant();
  }

  /** A {@code timestamptz} parameter, exact to the microsecond. */
  public static OffsetDateTime timestamptz(Instant instant) {
    return instant.atOffset(ZoneOffset.UTC);
  }

  private static OptionalLong optionalLong(ResultSet row, int column) throws SQLException {
    var value = row.getLong(column);
    return row.wasNull() ? OptionalLong.empty() : OptionalLong.of(value);
  }

  private static List<String> strings(ResultSet rows) throws SQLException {
    var strings = new ArrayList<String>();
    while (rows.next()) {
      strings.add(rows.getString(1));
    }
    return strings;
  }

  private int callInt(String sql, Object... parameters) throws SQLException {
    try (var statement = prepare(sql, parameters);
        var row = one(statement)) {
      return row.getInt(1);
    }
  }

  private PreparedStatement prepare(String sql, Object... parameters) throws SQLException {
    var statement = connection.prepareStatement(sql);
    for (int i = 0; i < parameters.length; i++) {
      statement.setObject(i + 1, parameters[i]);
    }
    return statement;
  }

  private static ResultSet one(PreparedStatement statement) throws SQLException {
    var rows = statement.executeQuery();
    if (!rows.next()) {
      throw new SQLException("no row where one was due");
    }
    return rows;
  }
}
