package io.github.pgqfleet.ticker;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgqfleet.fixture.PgqServerExtension;
import io.github.pgqfleet.fixture.TestDatabase;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Events of transactions that were open when a tick was made; the next idle tick is hours away. */
@ExtendWith(PgqServerExtension.class)
class StraddlersIT {

  private final TestDatabase database;
  private final TestFleet fleet;

  StraddlersIT(TestDatabase database, @TempDir Path directory) {
    this.database = database;
    this.fleet = new TestFleet(directory, database);
  }

  @BeforeEach
  void createQueue() {
    database.createQueue("orders");
    database.execute("select setval('pgq.event_1_id_seq', 100)");
    database.tick("orders");
    database.registerConsumer("orders", "reader");
    database.execute("select pgq.set_queue_config('orders', 'ticker_max_lag', '0 s')");
    database.execute("select pgq.set_queue_config('orders', 'ticker_idle_period', '1 h')");
    makeTheGapLong();
  }

  @Test
  void areDeliveredByTheFirstLookAfterTheirCommit() throws SQLException {
    try (var session = fleet.open();
        var early = inserting("early");
        var late = inserting("late")) {
      database.insertEvent("orders", "new", "committed");
      assertThat(session.tickDueQueues()).isEqualTo(1);
      assertThat(read()).containsExactly("committed");
      makeTheGapLong();
      assertThat(session.tickDueQueues()).isZero();

      early.commit();
      assertThat(session.tickDueQueues()).isEqualTo(1);
      assertThat(read()).containsExactly("early");
      makeTheGapLong();
      assertThat(session.tickDueQueues()).isZero();

      late.commit();
      assertThat(session.tickDueQueues()).isEqualTo(1);
      assertThat(read()).containsExactly("late");
      makeTheGapLong();
      assertThat(session.tickDueQueues()).isZero();
    }
  }

  @Test
  void areKnownToTheNextLeaderToo() throws SQLException {
    try (var open = inserting("open")) {
      try (var session = fleet.open()) {
        assertThat(session.tickDueQueues()).isEqualTo(1);
        makeTheGapLong();
      }
      try (var session = fleet.open()) {
        assertThat(session.tickDueQueues()).isZero();
        open.commit();
        assertThat(session.tickDueQueues()).isEqualTo(1);
      }
    }
    assertThat(read()).containsExactly("open");
  }

  @Test
  void costNothingWhenTheyAreRolledBackButOneTick() throws SQLException {
    try (var session = fleet.open()) {
      try (var open = inserting("never")) {
        assertThat(session.tickDueQueues()).isEqualTo(1);
        makeTheGapLong();
        open.rollback();
      }
      assertThat(session.tickDueQueues()).isEqualTo(1);
      makeTheGapLong();
      assertThat(session.tickDueQueues()).isZero();
    }
    assertThat(read()).isEmpty();
  }

  private List<String> read() {
    return database.consume("orders", "reader");
  }

  /** A transaction that has written an event and is not committed. */
  private Connection inserting(String data) throws SQLException {
    var connection = database.connect();
    connection.setAutoCommit(false);
    try (var statement =
        connection.prepareStatement("select pgq.insert_event('orders', 'new', ?)")) {
      statement.setString(1, data);
      statement.execute();
    }
    return connection;
  }

  /** As if the queue had long been idle: only new events bring a tick now. */
  private void makeTheGapLong() {
    database.execute(
        "update pgq.tick set tick_time = now() - interval '9 h' + tick_id * interval '1 s'"
            + " where tick_id < (select max(tick_id) from pgq.tick)");
  }
}
