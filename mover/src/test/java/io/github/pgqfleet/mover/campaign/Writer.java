package io.github.pgqfleet.mover.campaign;

import io.github.pgqfleet.fixture.ConnectedLoop;
import io.github.pgqfleet.fixture.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;

/**
 * One application: transaction after transaction into a few queues of one database. Some are rolled
 * back, some are open while ticks are made, some are large. Confined to one thread.
 */
final class Writer implements ConnectedLoop.Round {

  /** How long a transaction that should straddle a tick waits for one, and how often it looks. */
  private static final Duration STRADDLE = Duration.ofSeconds(2);

  private static final Duration LOOK = Duration.ofMillis(50);

  private static final String INSERT =
      """
      select count(pgq.insert_event(?, ?, ? || ' ' || n, repeat('x', ?), null, null, null))
        from generate_series(?::int, ?::int) n""";

  private final TestDatabase database;
  private final List<String> queues;
  private final Ledger ledger;
  private final Random random;

  Writer(TestDatabase database, List<String> queues, Ledger ledger, long seed) {
    this.database = database;
    this.queues = queues;
    this.ledger = ledger;
    this.random = new Random(seed);
  }

  @Override
  public void run(Connection connection) throws SQLException {
    connection.setAutoCommit(false);
    transaction(connection);
  }

  private void transaction(Connection connection) throws SQLException {
    var transaction = ledger.begin();
    var fate = random.nextInt(100);
    var straddles = fate < 10;
    var large = fate >= 97;
    var first = random.nextInt(queues.size());
    var count = 1 + random.nextInt(queues.size());
    for (int i = 0; i < count; i++) {
      var queue = queues.get((first + i) % queues.size());
      var events = large ? 300 : 2 + random.nextInt(5);
      insert(connection, queue, transaction, 0, events / 2, large ? 1000 : 10);
      if (straddles) {
        awaitTick(connection);
      }
      insert(connection, queue, transaction, events / 2, events, large ? 1000 : 10);
      note(connection, queue, transaction, events);
    }
    if (random.nextInt(100) < 15) {
      connection.rollback();
      ledger.rollBack();
    } else {
      connection.commit();
      ledger.commit(transaction);
    }
  }

  private void insert(
      Connection connection, String queue, long transaction, int from, int to, int size)
      throws SQLException {
    try (var statement = connection.prepareStatement(INSERT)) {
      statement.setString(1, queue);
      statement.setString(2, database.name() + "/" + queue);
      statement.setString(3, Long.toString(transaction));
      statement.setInt(4, size);
      statement.setInt(5, from);
      statement.setInt(6, to - 1);
      statement.execute();
    }
  }

  private void note(Connection connection, String queue, long transaction, int events)
      throws SQLException {
    try (var statement = connection.prepareStatement("insert into written values (?, ?, ?)")) {
      statement.setLong(1, transaction);
      statement.setString(2, queue);
      statement.setInt(3, events);
      statement.execute();
    }
  }

  private static void awaitTick(Connection connection) throws SQLException {
    var before = lastTick(connection);
    var deadline = System.nanoTime() + STRADDLE.toNanos();
    while (lastTick(connection) == before && System.nanoTime() < deadline) {
      LockSupport.parkNanos(LOOK.toNanos());
    }
  }

  private static long lastTick(Connection connection) throws SQLException {
    try (var statement = connection.createStatement();
        var row = statement.executeQuery("select max(tick_id) from pgq.tick")) {
      row.next();
      return row.getLong(1);
    }
  }
}
