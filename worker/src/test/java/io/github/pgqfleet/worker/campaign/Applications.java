package io.github.pgqfleet.worker.campaign;

import io.github.pgqfleet.fixture.ConnectedLoop;
import io.github.pgqfleet.fixture.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Applications that write events, some in transactions that are rolled back, and note what they
 * have written in the table {@code written}, in the same transactions. Thread-safe.
 */
final class Applications implements AutoCloseable {

  static final String SQL =
      """
      create table written (queue text, transaction bigint, number int, fate text,
          primary key (queue, transaction, number))""";

  private static final int WRITERS = 2;

  private static final String WRITE =
      """
      with event as (
        insert into written
        select ?, ?, number - 1, fate from unnest(?::text[]) with ordinality as u (fate, number)
        returning *
      )
      select count(pgq.insert_event(
               queue, fate, transaction || ' ' || number, queue, null, null, null))
        from event""";

  private final AtomicLong transactions = new AtomicLong();
  private final AtomicLong rolledBack = new AtomicLong();
  private final List<ConnectedLoop> writers = new ArrayList<>();
  private volatile boolean resting;

  Applications(TestDatabase database, List<String> queues, long seed) {
    for (int i = 0; i < WRITERS; i++) {
      var random = new Random(seed + i);
      writers.add(new ConnectedLoop("writer-" + i, database, c -> transaction(c, queues, random)));
    }
    writers.forEach(ConnectedLoop::start);
  }

  private void transaction(Connection connection, List<String> queues, Random random)
      throws SQLException {
    if (resting) {
      return;
    }
    connection.setAutoCommit(false);
    long transaction = transactions.incrementAndGet();
    for (var queue : queues) {
      if (random.nextInt(3) > 0) {
        var fates = new ArrayList<String>();
        int count = random.nextInt(50) == 0 ? 200 : 1 + random.nextInt(6);
        for (int i = 0; i < count; i++) {
          fates.add(Fate.draw(random).name());
        }
        write(connection, queue, transaction, fates);
      }
    }
    if (random.nextInt(100) < 15) {
      connection.rollback();
      rolledBack.incrementAndGet();
    } else {
      connection.commit();
    }
  }

  private static void write(
      Connection connection, String queue, long transaction, List<String> fates)
      throws SQLException {
    try (var statement = connection.prepareStatement(WRITE)) {
      statement.setString(1, queue);
      statement.setLong(2, transaction);
      statement.setArray(3, connection.createArrayOf("text", fates.toArray()));
      statement.execute();
    }
  }

  /** Nothing new is written meanwhile, so that a slow machine catches up at all. */
  void restDuring(Runnable waiting) {
    resting = true;
    try {
      waiting.run();
    } finally {
      resting = false;
    }
  }

  long rolledBack() {
    return rolledBack.get();
  }

  /** Throws what ended a writer too early, if anything did. */
  void check() {
    writers.forEach(ConnectedLoop::check);
  }

  /** Lets each writer end its transaction, and waits for that. */
  void end() {
    writers.forEach(ConnectedLoop::stop);
    writers.forEach(ConnectedLoop::join);
  }

  @Override
  public void close() {
    end();
  }
}
