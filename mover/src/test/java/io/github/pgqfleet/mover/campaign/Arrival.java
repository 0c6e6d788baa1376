package io.github.pgqfleet.mover.campaign;

import io.github.pgqfleet.fixture.TestDatabase;
import io.github.pgqfleet.mover.campaign.Audit.Event;
import io.github.pgqfleet.mover.campaign.Audit.Write;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The consumer of one destination queue: hands each batch to the audit, once, whatever happens to
 * the server meanwhile.
 */
final class Arrival implements Runnable, AutoCloseable {

  static final String CONSUMER = "audit";

  private static final Duration PACE = Duration.ofMillis(100);

  private final TestDatabase destination;
  private final String queue;
  private final Audit audit;
  private final CountDownLatch stop = new CountDownLatch(1);
  private final Thread thread;
  private long lastTick;
  private volatile @Nullable Exception failure;

  Arrival(TestDatabase destination, String queue, Audit audit) {
    this.destination = destination;
    this.queue = queue;
    this.audit = audit;
    this.thread = Thread.ofVirtual().name("audit-" + queue).start(this);
  }

  /** A batch between two ticks. */
  private record Batch(long id, long previousTick, long currentTick) {}

  @Override
  public void run() {
    try {
      while (!pause()) {
        readWhileConnected();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (SQLException | IllegalStateException e) {
      failure = e;
    }
  }

  private boolean pause() throws InterruptedException {
    return stop.await(PACE.toMillis(), TimeUnit.MILLISECONDS);
  }

  private void readWhileConnected() throws SQLException, InterruptedException {
    try (var connection = destination.connect()) {
      while (!pause()) {
        for (var b = nextBatch(connection); b != null; b = nextBatch(connection)) {
          read(connection, b);
        }
      }
    } catch (SQLException e) {
      if (!Outage.explains(e)) {
        throw e;
      }
    }
  }

  private @Nullable Batch nextBatch(Connection connection) throws SQLException {
    try (var statement =
            prepare(
                connection,
                "select batch_id, prev_tick_id, cur_tick_id from pgq.next_batch_info(?, ?)",
                queue,
                CONSUMER);
        var row = statement.executeQuery()) {
      row.next();
      return row.getObject(1) == null
          ? null
          : new Batch(row.getLong(1), row.getLong(2), row.getLong(3));
    }
  }

  private void read(Connection connection, Batch batch) throws SQLException {
    if (batch.currentTick() > lastTick) {
      if (lastTick != 0 && batch.previousTick() != lastTick) {
        throw new IllegalStateException(
            "%s was read up to tick %d, but goes on with %s".formatted(queue, lastTick, batch));
      }
      audit.delivered(events(connection, batch));
      lastTick = batch.currentTick();
    }
    try (var statement = prepare(connection, "select pgq.finish_batch(?)", batch.id())) {
      statement.execute();
    }
  }

  private static List<Event> events(Connection connection, Batch batch) throws SQLException {
    try (var statement =
            prepare(
                connection,
                "select ev_type, ev_data, ev_txid from pgq.get_batch_events(?) order by ev_id",
                batch.id());
        var rows = statement.executeQuery()) {
      var events = new ArrayList<Event>();
      while (rows.next()) {
        events.add(event(rows));
      }
      return events;
    }
  }

  private static Event event(ResultSet row) throws SQLException {
    var data = row.getString(2).split(" ", 2);
    return new Event(
        new Write(row.getString(1), Long.parseLong(data[0])),
        Integer.parseInt(data[1]),
        row.getLong(3));
  }

  private static PreparedStatement prepare(Connection connection, String sql, Object... values)
      throws SQLException {
    var statement = connection.prepareStatement(sql);
    for (int i = 0; i < values.length; i++) {
      statement.setObject(i + 1, values[i]);
    }
    return statement;
  }

  /** Throws what ended it too early, if anything did. */
  void check() throws Exception {
    var e = failure;
    if (e != null) {
      throw e;
    }
  }

  @Override
  public void close() throws Exception {
    stop.countDown();
    thread.join();
    check();
  }
}
