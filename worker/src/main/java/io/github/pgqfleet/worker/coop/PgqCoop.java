package io.github.pgqfleet.worker.coop;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * The SQL of {@code pgq_coop}, one method a function, on one connection. It neither begins nor
 * commits; the caller's transaction, or autocommit, is what counts. As thread-safe as its
 * connection: not.
 *
 * <p>All but {@link #version} may lock the main consumer's row until the end of the transaction,
 * where every other sub-consumer of the group waits for it: commit soon.
 */
public final class PgqCoop {

  /**
   * Holds until the transaction's end, and so the main consumer's row is not locked while a disk
   * works. Nothing can be lost by it: what is made of an open batch is committed after it was
   * opened, and a crash that forgets the one has forgotten the other.
   */
  private static final String WITHOUT_DISK = ", set_config('synchronous_commit', 'off', true)";

  private final Connection connection;

  public PgqCoop(Connection connection) {
    this.connection = connection;
  }

  /**
   * {@code pgq_coop.version}, or empty where the schema {@code pgq_coop} does not exist. Asks the
   * catalogue first, since a failed statement would spoil the caller's transaction.
   */
  public Optional<String> version() throws SQLException {
    try (var statement =
        connection.prepareStatement(
            "select to_regprocedure('pgq_coop.version()') is not null,"
                + " to_regnamespace('pgq_coop') is not null")) {
      try (var row = one(statement)) {
        if (!row.getBoolean(1)) {
          return row.getBoolean(2) ? Optional.of("unknown") : Optional.empty();
        }
      }
    }
    try (var statement = connection.prepareStatement("select pgq_coop.version()");
        var row = one(statement)) {
      return Optional.of(row.getString(1));
    }
  }

  /**
   * {@code pgq_coop.register_subconsumer}: true when the sub-consumer is new, false when it was
   * there. Registers the main consumer too, at the queue's last tick, where it is missing.
   */
  public boolean registerSubconsumer(SubConsumerId id) throws SQLException {
    try (var statement = prepare("select pgq_coop.register_subconsumer(?, ?, ?)", id);
        var row = one(statement)) {
      return row.getInt(1) == 1;
    }
  }

  /**
   * {@code pgq_coop.unregister_subconsumer} with batch handling 0: false when there was no such
   * sub-consumer.
   *
   * @throws SQLException among others when it has a batch open; it then stays registered
   */
  public boolean unregisterSubconsumer(SubConsumerId id) throws SQLException {
    try (var statement = prepare("select pgq_coop.unregister_subconsumer(?, ?, ?, 0)", id);
        var row = one(statement)) {
      return row.getInt(1) == 1;
    }
  }

  /**
   * {@code pgq_coop.next_batch} with a dead interval: the batch that is open; or one of a sibling
   * that has not been heard of for so long; or the queue's next. Empty when there is none. The
   * transaction's commit will not wait for the disk; in autocommit mode, as it should be called,
   * that is this call's.
   */
  public OptionalLong nextBatch(SubConsumerId id, Duration deadInterval) throws SQLException {
    try (var statement =
        prepare(
            "select pgq_coop.next_batch(?, ?, ?, make_interval(secs => ?))" + WITHOUT_DISK, id)) {
      statement.setDouble(4, deadInterval.toMillis() / 1000.0);
      try (var row = one(statement)) {
        return batch(row);
      }
    }
  }

  /**
   * {@code pgq_coop.next_batch} without a dead interval. With a batch open it returns that one and
   * shows that the sub-consumer is alive. Otherwise it opens the queue's next, if there is one:
   * that batch must then be worked on.
   */
  public OptionalLong nextBatch(SubConsumerId id) throws SQLException {
    return nextBatch("select pgq_coop.next_batch(?, ?, ?)", id);
  }

  /** The same for its own sake, in autocommit mode: as a sign of life. */
  public OptionalLong beat(SubConsumerId id) throws SQLException {
    return nextBatch("select pgq_coop.next_batch(?, ?, ?)" + WITHOUT_DISK, id);
  }

  private OptionalLong nextBatch(String sql, SubConsumerId id) throws SQLException {
    try (var statement = prepare(sql, id);
        var row = one(statement)) {
      return batch(row);
    }
  }

  /** {@code pgq_coop.finish_batch}: false when no sub-consumer has this batch any more. */
  public boolean finishBatch(long batchId) throws SQLException {
    try (var statement = connection.prepareStatement("select pgq_coop.finish_batch(?)")) {
      statement.setLong(1, batchId);
      try (var row = one(statement)) {
        return row.getInt(1) == 1;
      }
    }
  }

  /**
   * Which of the queues have something for this consumer's group: a tick that nobody was given yet,
   * or a batch whose sub-consumer has not been heard of for the dead interval. One cheap look that
   * locks and changes nothing; not a function of {@code pgq_coop}.
   */
  public List<String> queuesWithWork(
      String consumer, Collection<String> queues, Duration deadInterval) throws SQLException {
    try (var statement =
        connection.prepareStatement(
            """
            select q.queue_name
              from pgq.queue q
              join pgq.subscription m on m.sub_queue = q.queue_id
              join pgq.consumer c on c.co_id = m.sub_consumer
             where c.co_name = ?
               and q.queue_name = any (?)
               and (m.sub_last_tick < (select t.tick_id
                                         from pgq.tick t
                                        where t.tick_queue = m.sub_queue
                                        order by t.tick_queue desc, t.tick_id desc
                                        limit 1)
                    or exists (select from pgq.subscription d
                                where d.sub_queue = m.sub_queue
                                  and d.sub_id = m.sub_id
                                  and d.sub_batch is not null
                                  and d.sub_active < now() - make_interval(secs => ?)))\
            """)) {
      statement.setString(1, consumer);
      statement.setArray(2, connection.createArrayOf("text", queues.toArray()));
      statement.setDouble(3, deadInterval.toMillis() / 1000.0);
      var found = new ArrayList<String>();
      try (var rows = statement.executeQuery()) {
        while (rows.next()) {
          found.add(rows.getString(1));
        }
      }
      return found;
    }
  }

  private PreparedStatement prepare(String sql, SubConsumerId id) throws SQLException {
    var statement = connection.prepareStatement(sql);
    statement.setString(1, id.queue());
    statement.setString(2, id.consumer());
    statement.setString(3, id.subconsumer());
    return statement;
  }

  private static OptionalLong batch(ResultSet row) throws SQLException {
    long id = row.getLong(1);
    return row.wasNull() ? OptionalLong.empty() : OptionalLong.of(id);
  }

  private static ResultSet one(PreparedStatement statement) throws SQLException {
    var rows = statement.executeQuery();
    if (!rows.next()) {
      throw new SQLException("no row where one was due");
    }
    return rows;
  }
}
