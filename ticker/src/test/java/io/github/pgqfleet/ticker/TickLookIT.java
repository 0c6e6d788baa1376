package io.github.pgqfleet.ticker;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgqfleet.fixture.OnEachServer;
import io.github.pgqfleet.fixture.PgqServerExtension;
import io.github.pgqfleet.fixture.TestDatabase;
import io.github.pgqfleet.ticker.TickLook.Seen;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * The look and {@code pgq.ticker(queue)} must agree, but for the ticks that PgQ makes soon after
 * others in case that those have overlooked events.
 */
@ExtendWith(PgqServerExtension.class)
@OnEachServer
class TickLookIT {

  private static final int STATES = 400;

  @Test
  void agreesWithPgqInAnyState(TestDatabase database) throws SQLException {
    database.createQueue("q");
    database.execute(
        "select setval('pgq.event_1_id_seq', 1000), setval('pgq.event_1_tick_seq', 1000)");
    var random = new Random(7);
    var due = 0;
    try (var connection = database.connect()) {
      var look = new TickLook(connection);
      for (int i = 0; i < STATES; i++) {
        connection.setAutoCommit(false);
        var state = anyState(connection, random);
        // In one transaction, so that both see the same now().
        var looked = look.at("q").stream().anyMatch(Seen::due);
        var pgq = ticks(connection);
        assertThat(looked).as(state.toString()).isEqualTo(pgq && !state.mayHaveOverlooked());
        due += looked ? 1 : 0;
        connection.rollback();
      }
    }
    assertThat(due).as("states of both kinds").isBetween(STATES / 5, STATES * 4 / 5);
  }

  @Test
  void saysNothingOfQueuesThatAreNotOursToTick(TestDatabase database) throws SQLException {
    for (var queue : List.of("due", "external", "paused")) {
      database.createQueue(queue);
    }
    database.execute("select pgq.set_queue_config('paused', 'ticker_paused', 'true')");
    database.execute("select pgq.set_queue_config('external', 'external_ticker', 'true')");
    try (var connection = database.connect()) {
      var look = new TickLook(connection);
      assertThat(look.atAllBut(List.of())).extracting(Seen::queue).containsExactly("due");
      assertThat(look.atAllBut(List.of("due"))).isEmpty();
      assertThat(look.at("paused")).isEmpty();
    }
  }

  @Test
  void takesNoTransactionId(TestDatabase database) throws SQLException {
    database.createQueue("q");
    try (var connection = database.connect()) {
      var look = new TickLook(connection);
      var begin = nextTransaction(connection);
      for (int i = 0; i < 10; i++) {
        look.atAllBut(List.of());
      }
      // Others, autovacuum say, may take one at the same time, but hardly ten.
      assertThat(nextTransaction(connection) - begin).isLessThan(10);
    }
  }

  /**
   * A queue's settings, in events and milliseconds; how many new events it has, how old its last
   * tick is, by how much the one before is older, and how many of these two there are.
   */
  private record State(
      int maxCount, int maxLag, int idle, int events, int age, int gap, int ticks) {

    /** PgQ may tick without new events before that is due. */
    boolean mayHaveOverlooked() {
      return events == 0 && ticks == 2 && age < idle;
    }
  }

  private static State anyState(Connection connection, Random random) throws SQLException {
    var maxCount = 1 + random.nextInt(20);
    var maxLag = 1 + random.nextInt(5000);
    var idle = 1 + random.nextInt(20_000);
    var events = random.nextInt(3) == 0 ? 0 : random.nextInt(25);
    var age = random.nextInt(8000);
    var gap = random.nextInt(6000);
    var ticks = random.nextInt(10) == 0 ? random.nextInt(2) : 2;
    try (var statement = connection.createStatement()) {
      statement.execute(
          """
          update pgq.queue
             set queue_ticker_max_count = %d,
                 queue_ticker_max_lag = '%d ms',
                 queue_ticker_idle_period = '%d ms';
          delete from pgq.tick;
          insert into pgq.tick (tick_queue, tick_id, tick_time, tick_event_seq)
          select 1, id, t, 1000 - %d
            from (values (2, now() - interval '%d ms'),
                         (1, now() - interval '%d ms')) v(id, t)
           limit %d
          """
              .formatted(maxCount, maxLag, idle, events, age, age + gap, ticks));
    }
    return new State(maxCount, maxLag, idle, events, age, gap, ticks);
  }

  private static boolean ticks(Connection connection) throws SQLException {
    try (var statement = connection.createStatement();
        var row = statement.executeQuery("select pgq.ticker('q') is not null")) {
      row.next();
      return row.getBoolean(1);
    }
  }

  private static long nextTransaction(Connection connection) throws SQLException {
    try (var statement = connection.createStatement();
        var row = statement.executeQuery("select txid_snapshot_xmax(txid_current_snapshot())")) {
      row.next();
      return row.getLong(1);
    }
  }
}
