package io.github.pgqfleet.deploy.demo;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * An application on one database: READ COMMITTED transactions that write a business row and one to
 * three events, one in ten rolled back, at the times of a Poisson process. For one thread.
 */
final class Application implements AutoCloseable {
  private static final int MOST_EVENTS = 3;
  private static final double EVENTS_A_TRANSACTION = (1 + MOST_EVENTS) / 2.0;
  private static final double ROLLED_BACK = 0.1;

  private final Connection connection;
  private final PreparedStatement writePurchase;
  private final PreparedStatement writeEvents;
  private final double nanosBetween;
  private final Load.Figures figures;
  private final SplittableRandom random = new SplittableRandom();

  /**
   * @param connection to the database; closed with this
   * @param rate events a second
   */
  Application(Connection connection, double rate, Load.Figures figures) throws SQLException {
    this.connection = connection;
    this.figures = figures;
    this.nanosBetween = 1e9 * EVENTS_A_TRANSACTION / rate;
    connection.setAutoCommit(false);
    connection.setTransactionIsolation(Connection.TRANSACTION_READ_COMMITTED);
    writePurchase =
        connection.prepareStatement("insert into app.purchase (queues) values (?) returning id");
    writeEvents =
        connection.prepareStatement(
            """
            select pgq.insert_event(e.queue, 'purchase', json_build_object(
                     'database', current_database(), 'purchase', ?::bigint, 'queue', e.queue,
                     'event', e.number, 'inserted', clock_timestamp())::text)
              from unnest(?::text[]) with ordinality as e(queue, number)
            """);
  }

  /**
   * Makes transactions until the time, in terms of {@link System#nanoTime}. On a machine that is
   * too slow for the rate the last of them are not made.
   */
  void run(long end) throws SQLException, InterruptedException {
    double next = System.nanoTime() + pause();
    while (next - end < 0 && System.nanoTime() - end < 0) {
      long wait = (long) next - System.nanoTime();
      if (wait > 0) {
        Thread.sleep(Duration.ofNanos(wait));
      }
      transaction();
      next += pause();
    }
  }

  /** A transaction with an event in each queue. */
  void first() throws SQLException {
    commit(List.of(DemoQueue.values()));
  }

  private double pause() {
    return -Math.log(1 - random.nextDouble()) * nanosBetween;
  }

  private void transaction() throws SQLException {
    List<DemoQueue> events = new ArrayList<>();
    for (int count = random.nextInt(1, MOST_EVENTS + 1); count > 0; count--) {
      events.add(DemoQueue.any(random));
    }
    if (random.nextDouble() < ROLLED_BACK) {
      write(events);
      connection.rollback();
      figures.addRolledBack(events.size());
    } else {
      commit(events);
    }
  }

  private void commit(List<DemoQueue> events) throws SQLException {
    write(events);
    connection.commit();
    events.forEach(figures::add);
  }

  private void write(List<DemoQueue> events) throws SQLException {
    var queues = events.stream().map(DemoQueue::queue).toArray(String[]::new);
    var array = connection.createArrayOf("text", queues);
    writePurchase.setArray(1, array);
    try (var row = writePurchase.executeQuery()) {
      row.next();
      writeEvents.setLong(1, row.getLong(1));
    }
    writeEvents.setArray(2, array);
    writeEvents.executeQuery().close();
  }

  @Override
  public void close() throws SQLException {
    connection.close();
  }
}
