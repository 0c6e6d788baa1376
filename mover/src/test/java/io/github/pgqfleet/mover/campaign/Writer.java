package io.github.pgqfleet.mover.campaign;

import io.github.pgqfleet.fixture.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One application: transaction after transaction into a few queues of one database. Some are rolled
 * back, some are open while ticks are made, some are large. A server that goes away is waited for.
 */
final class Writer implements Runnable {

  /** Between transactions: a load that leaves the machine some room. */
  private static final Duration PACE = Duration.ofMillis(30);

  /** How long a transaction that should straddle a tick waits for one. */
  private static final Duration STRADDLE = Duration.ofSeconds(2);

  private static final String INSERT =
      """
      select count(pgq.insert_event(?, ?, ? || ' ' || n, repeat('x', ?), null, null, null))
        from generate_series(?::int, ?::int) n""";

  private final TestDatabase database;
  private final List<String> queues;
  private final Ledger ledger;
  private final Random random;
  private final CountDownLatch stop = new CountDownLatch(1);
  private volatile @Nullable SQLException failure;

  Writer(TestDatabase database, List<String> queues, Ledger ledger, long seed) {
    this.database = database;
    this.queues = queues;
    this.ledger = ledger;
    this.random = new Random(seed);
  }

  void stop() {
    stop.countDown();
  }

  /** Throws what ended it too early, if anything did. */
  void check() throws SQLException {
    var e = failure;
    if (e != null) {
      throw e;
    }
  }

  @Override
  public void run() {
    try {
      while (!pause(PACE)) {
        write();
      }
    } catch (SQLException e) {
      failure = e;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private boolean pause(Duration duration) throws InterruptedException {
    return stop.await(duration.toMillis(), TimeUnit.MILLISECONDS);
  }

  private void write() throws SQLException, InterruptedException {
    try (var connection = database.connect()) {
      connection.setAutoCommit(false);
      while (!pause(PACE)) {
        transaction(connection);
      }
    } catch (SQLException e) {
      // Connections lost, servers that stop or start: whether the last one was committed, the
      // table tells.
      if (!Outage.explains(e)) {
        throw e;
      }
    }
  }

  private void transaction(Connection connection) throws SQLException, InterruptedException {
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

  private void awaitTick(Connection connection) throws SQLException, InterruptedException {
    var before = lastTick(connection);
    var deadline = System.nanoTime() + STRADDLE.toNanos();
    while (lastTick(connection) == before && System.nanoTime() < deadline && !pause(PACE)) {
      // until there is one
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
