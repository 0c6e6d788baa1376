package io.github.pgqfleet.deploy.bench;

import io.github.pgqfleet.fixture.Await;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Transactions that are open while a tick is made, and commit after it: how long until a tick
 * delivers their events. Stateless.
 */
final class Straddlers {
  private static final String TICKS =
      """
      select coalesce(max(tick_id), 0) from pgq.tick
        where tick_queue = (select queue_id from pgq.queue where queue_name = ?)
      """;

  /** Its event makes a tick due after the queue's ticker_max_lag, 3 s by default. */
  private static final Duration TICK_TIMEOUT = Duration.ofSeconds(60);

  private Straddlers() {}

  /**
   * Makes one in each database, all at the same time, on a queue that is quiet otherwise.
   *
   * @param period of the ticker, which must be running
   * @param most how long to wait for a tick
   * @return the ms from commit to the tick, {@code most} where none came until then
   */
  static List<Double> millis(List<Source> databases, Duration period, Duration most)
      throws InterruptedException {
    return Each.of(
        "make a transaction straddle a tick",
        databases,
        databases.size(),
        database -> one(database, period, most));
  }

  private static double one(Source database, Duration period, Duration most)
      throws SQLException, InterruptedException {
    try (Connection writer = database.connect();
        Connection watcher = database.connect()) {
      writer.setAutoCommit(false);
      long event =
          Sql.number(writer, "select pgq.insert_event(?, 'straddler', '')", Testbed.STRADDLED);
      long transaction = Sql.number(writer, "select txid_current()");
      try {
        Await.until(
            "a tick while a transaction is open in " + database.name(),
            TICK_TIMEOUT,
            () ->
                Sql.number(watcher, TICKS + " and tick_event_seq >= ?", Testbed.STRADDLED, event)
                    > 0);
      } catch (Await.TimeoutError e) {
        throw new BenchFailure(String.valueOf(e.getMessage()));
      }
      // At any moment of the ticker's period.
      Thread.sleep(Duration.ofNanos(ThreadLocalRandom.current().nextLong(period.toNanos())));
      writer.commit();
      long committed = System.nanoTime();
      try {
        // A batch that ends with such a tick has the event; the one before did not see it.
        Await.until(
            "the tick",
            most,
            () ->
                Sql.number(
                        watcher,
                        TICKS + " and txid_visible_in_snapshot(?, tick_snapshot)",
                        Testbed.STRADDLED,
                        transaction)
                    > 0);
      } catch (Await.TimeoutError e) {
        return most.toMillis();
      }
      return (System.nanoTime() - committed) / 1e6;
    }
  }
}
