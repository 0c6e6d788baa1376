package io.github.pgqfleet.pgq;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * The SQL of PgQ's API, one method a function, on one connection. It neither begins nor commits;
 * the caller's transaction, or autocommit, is what counts. As thread-safe as its connection: not.
 */
public final class Pgq {

  private static final String BATCH_COLUMNS =
      "batch_id, prev_tick_id, prev_tick_time, prev_tick_event_seq,"
          + " cur_tick_id, cur_tick_time, cur_tick_event_seq";
  private static final String NEXT_BATCH_INFO =
      "select " + BATCH_COLUMNS + " from pgq.next_batch_info(?, ?)";
  private static final String FINISH_BATCH = "select pgq.finish_batch(?)";

  private final Connection connection;

  public Pgq(Connection connection) {
    this.connection = connection;
  }

  /**
   * {@code pgq.version()}, or empty where the schema {@code pgq} does not exist.
   *
   * <p>Asks the catalogue first, since a failed statement would spoil the caller's transaction.
   */
  public Optional<String> version() throws SQLException {
    try (var statement =
            connection.prepareStatement("select to_regprocedure('pgq.version()') is not null");
        var row = one(statement)) {
      if (!row.getBoolean(1)) {
        return Optional.empty();
      }
    }
    try (var statement = connection.prepareStatement("select pgq.version()");
        var row = one(statement)) {
      return Optional.of(row.getString(1));
    }
  }

  /** Names of all queues, in order. */
  public List<String> queues() throws SQLException {
    try (var statement =
            connection.prepareStatement("select queue_name from pgq.queue order by queue_name");
        var rows = statement.executeQuery()) {
      var names = new ArrayList<String>();
      while (rows.next()) {
        names.add(rows.getString(1));
      }
      return names;
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
   * {@code pgq.next_batch_info}: opens the next batch, or returns the one that is open; empty when
   * there is no new tick.
   */
  public Optional<Batch> nextBatch(String queue, String consumer) throws SQLException {
    try (var statement = prepare(NEXT_BATCH_INFO, queue, consumer);
        var row = one(statement)) {
      return batch(row);
    }
  }

  /** {@code pgq.finish_batch}: false when the batch is not, or no longer, the caller's. */
  public boolean finishBatch(long batchId) throws SQLException {
    return callInt(FINISH_BATCH, batchId) == 1;
  }

  /**
   * {@code pgq.finish_batch} and {@code pgq.next_batch_info} in one round trip and, on a connection
   * in autocommit mode, one transaction.
   */
  public FinishedAndNext finishAndNextBatch(long batchId, String queue, String consumer)
      throws SQLException {
    try (var statement = prepare(FINISH_BATCH + "; " + NEXT_BATCH_INFO, batchId, queue, consumer)) {
      statement.execute();
      boolean finished;
      try (var row = statement.getResultSet()) {
        row.next();
        finished = row.getInt(1) == 1;
      }
      statement.getMoreResults();
      try (var row = statement.getResultSet()) {
        row.next();
        return new FinishedAndNext(finished, batch(row));
      }
    }
  }

  /**
   * What {@link #finishAndNextBatch} found.
   *
   * @param finished what {@code finish_batch} said
   * @param next what {@code next_batch_info} said
   */
  public record FinishedAndNext(boolean finished, Optional<Batch> next) {}

  /** {@code pgq.batch_event_sql}: the query that reads a batch's events in order. */
  public String batchEventSql(long batchId) throws SQLException {
    try (var statement = prepare("select pgq.batch_event_sql(?)", batchId);
        var row = one(statement)) {
      return row.getString(1);
    }
  }

  /**
   * {@code pgq.current_event_table}: the table, quoted by the server, that takes new events. Good
   * for the current transaction only, under READ COMMITTED, and only when the transaction has
   * written something before this statement.
   */
  public String currentEventTable(String queue) throws SQLException {
    try (var statement = prepare("select pgq.quote_fqname(pgq.current_event_table(?))", queue);
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

  /**
   * {@code pgq.next_batch_custom} with {@code min_interval}: a batch that ends with the first tick
   * made so long after the consumer's, or with the newest where that is not far beyond; empty when
   * there is no such tick yet. One that is open is returned as it is.
   */
  public Optional<Batch> nextBatchCustom(String queue, String consumer, Duration minInterval)
      throws SQLException {
    try (var statement =
            prepare(
                "select "
                    + BATCH_COLUMNS
                    + " from pgq.next_batch_custom(?, ?, null, null,"
                    + " ?::float8 * interval '1 microsecond')",
                queue,
                consumer,
                minInterval.dividedBy(ChronoUnit.MICROS.getDuration()));
        var row = one(statement)) {
      return batch(row);
    }
  }

  private static Optional<Batch> batch(ResultSet row) throws SQLException {
    var id = row.getLong("batch_id");
    if (row.wasNull()) {
      return Optional.empty();
    }
    return Optional.of(
        new Batch(
            id,
            new Tick(
                row.getLong("prev_tick_id"),
                instant(row, row.findColumn("prev_tick_time")),
                row.getLong("prev_tick_event_seq")),
            new Tick(
                row.getLong("cur_tick_id"),
                instant(row, row.findColumn("cur_tick_time")),
                row.getLong("cur_tick_event_seq"))));
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
