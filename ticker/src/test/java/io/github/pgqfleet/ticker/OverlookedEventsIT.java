package io.github.pgqfleet.ticker;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgqfleet.fixture.PgqServerExtension;
import io.github.pgqfleet.fixture.PrivateCluster;
import io.github.pgqfleet.fixture.TestDatabase;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Events of transactions that were open when a tick was made; the next idle tick is hours away. */
@ExtendWith(PgqServerExtension.class)
class OverlookedEventsIT {

  private final TestDatabase database;
  private final TestFleet fleet;

  OverlookedEventsIT(TestDatabase database, @TempDir Path directory) {
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
      assertThat(session.tickDueQueues().ticks()).isEqualTo(1);
      assertThat(read()).containsExactly("committed");
      makeTheGapLong();
      assertThat(session.tickDueQueues().ticks()).isZero();

      early.commit();
      assertThat(session.tickDueQueues().ticks()).isEqualTo(1);
      assertThat(read()).containsExactly("early");
      makeTheGapLong();
      assertThat(session.tickDueQueues().ticks()).isZero();

      late.commit();
      assertThat(session.tickDueQueues().ticks()).isEqualTo(1);
      assertThat(read()).containsExactly("late");
      makeTheGapLong();
      assertThat(session.tickDueQueues().ticks()).isZero();
    }
  }

  @Test
  void doNotWaitForTheLongestLagOfTheQueue() throws SQLException {
    database.execute("select pgq.set_queue_config('orders', 'ticker_max_lag', '1 h')");
    try (var session = fleet.open();
        var open = inserting("open")) {
      database.execute("select pgq.force_tick('orders')");
      assertThat(session.tickDueQueues().ticks()).isEqualTo(1);
      open.commit();
      assertThat(session.tickDueQueues().ticks()).isEqualTo(1);
      assertThat(session.tickDueQueues().ticks()).isZero();
    }
    assertThat(read()).containsExactly("open");
  }

  @Test
  void areFoundWithoutReadingAllThatIsNotYetDropped() throws SQLException {
    database.execute(
        """
        insert into pgq.event_1_0 (ev_id, ev_time, ev_txid, ev_retry, ev_type, ev_data)
        select id, now(), id % 500 + 10, null, 'old', '' from generate_series(1, 100000) id""");
    database.execute("analyze pgq.event_1_0");
    try (var open = inserting("open");
        var connection = ApplicationName.ticking().open(fleet.database());
        var statement = connection.createStatement()) {
      database.execute("select pgq.force_tick('orders')");
      database.tick("orders");
      var events = new OverlookedEvents(connection);
      var seen = new TickLook(connection).at("orders").getFirst();
      assertThat(events.mayBeIn(seen)).isTrue();
      assertThat(events.areIn(seen)).isFalse();
      var plan = new ArrayList<String>();
      try (var rows =
          statement.executeQuery("explain (analyze, costs off) " + events.sql(seen.queueId()))) {
        while (rows.next()) {
          plan.add(rows.getString(1));
        }
      }
      assertThat(String.join("\n", plan))
          .contains("event_1_0_txid_idx")
          .as("a process more for each probe")
          .doesNotContain("Gather");
      assertThat(plan).allMatch(OverlookedEventsIT::readsFew);
      open.rollback();
    }
  }

  /** Of a line of a plan: fewer rows than a hundred. */
  private static boolean readsFew(String line) {
    var rows = Pattern.compile(" rows=(\\d+) ").matcher(line);
    return !rows.find() || Long.parseLong(rows.group(1)) < 100;
  }

  @Test
  void areNotLookedForOnceThereCanBeNone() throws SQLException {
    try (var connection = ApplicationName.ticking().open(fleet.database());
        var open = inserting("open")) {
      database.execute("select pgq.force_tick('orders')");
      database.tick("orders");
      var look = new TickLook(connection);
      var events = new OverlookedEvents(connection);
      for (int i = 0; i < 3; i++) {
        assertThat(events.areIn(look.at("orders").getFirst())).isFalse();
      }
      assertThat(look.at("orders")).as("as long as one is open").allMatch(events::mayBeIn);

      open.rollback();
      assertThat(events.areIn(look.at("orders").getFirst())).isFalse();
      assertThat(look.at("orders")).isNotEmpty().noneMatch(events::mayBeIn);
      database.execute(
          "insert into pgq.tick (tick_queue, tick_id, tick_event_seq)"
              + " select tick_queue, max(tick_id) + 1, max(tick_event_seq) from pgq.tick group by 1");
      database.execute("select nextval('pgq.event_1_tick_seq')");
      assertThat(look.at("orders")).as("nor after a tick").noneMatch(events::mayBeIn);

      database.insertEvent("orders", "new", "later");
      database.tick("orders");
      assertThat(look.at("orders")).as("the sequence has moved").allMatch(events::mayBeIn);
    }
  }

  @Test
  void areFoundByTheNextLeaderToo() throws SQLException {
    try (var open = inserting("open")) {
      try (var session = fleet.open()) {
        assertThat(session.tickDueQueues().ticks()).isEqualTo(1);
        makeTheGapLong();
      }
      open.commit();
      try (var session = fleet.open()) {
        assertThat(session.tickDueQueues().ticks()).isEqualTo(1);
      }
    }
    assertThat(read()).containsExactly("open");
  }

  @Test
  void ofALaterTransactionThanTheTickAreFoundToo() throws SQLException {
    // As when a transaction begins, takes its number and commits while the tick is being made.
    database.insertEvent("orders", "new", "late");
    database.execute(
        "update pgq.tick set tick_event_seq = (select last_value from pgq.event_1_id_seq)"
            + " where tick_id = (select max(tick_id) from pgq.tick)");
    try (var session = fleet.open()) {
      assertThat(session.tickDueQueues().ticks()).isEqualTo(1);
    }
    assertThat(read()).containsExactly("late");
  }

  @Test
  void costNothingWhenTheyAreRolledBack() throws SQLException {
    try (var session = fleet.open()) {
      try (var open = inserting("never")) {
        assertThat(session.tickDueQueues().ticks()).isEqualTo(1);
        makeTheGapLong();
        open.rollback();
      }
      assertThat(session.tickDueQueues().ticks()).isZero();
    }
    assertThat(read()).isEmpty();
  }

  @Test
  void areLookedForInQueuesThatAreCreatedMeanwhile() throws SQLException {
    try (var session = fleet.open()) {
      session.tickDueQueues();
      database.createQueue("fresh");
      database.registerConsumer("fresh", "reader");
      database.execute("select pgq.set_queue_config('fresh', 'ticker_idle_period', '1 h')");
      database.execute("select pgq.set_queue_config('fresh', 'ticker_max_lag', '0 s')");
      session.tickDueQueues();
      makeTheGapLong();
      // The first number of a sequence, which PgQ cannot tell from none.
      assertThat(database.insertEvent("fresh", "new", "first")).isEqualTo(1);
      assertThat(session.tickDueQueues().ticks()).isEqualTo(1);
      assertThat(database.consume("fresh", "reader")).containsExactly("first");

      database.execute("select pgq.drop_queue('fresh', true)");
      session.tickDueQueues();
      assertThat(fleet.unwell()).isEmpty();
    }
  }

  @Test
  void cannotBeFoundWithoutThePrivilegeButTheQueueIsTicked(
      PrivateCluster cluster, @TempDir Path directory) throws SQLException {
    var owner = cluster.createPgqDatabase("app");
    owner.createQueue("orders");
    owner.execute("revoke select on pgq.event_1 from public, pgq_reader, pgq_admin");
    owner.execute("create role lesser login in role pgq_admin");
    var lesser = new TestDatabase(owner.host(), owner.port(), "app", "lesser", "");
    var theirs = new TestFleet(directory, lesser);
    try (var session = theirs.open()) {
      assertThat(session.tickDueQueues().ticks()).isEqualTo(1);
      for (int i = 0; i < 2; i++) {
        owner.execute("update pgq.tick set tick_time = now() - interval '1 h'");
        owner.insertEvents("orders", "new", List.of("a", "b"));
        assertThat(session.tickDueQueues().ticks()).isEqualTo(1);
        assertThat(session.tickDueQueues().ticks()).isZero();
        assertThat(theirs.unwell()).containsExactly("overlooked events destination/app/orders");
      }
      owner.execute("grant select on pgq.event_1 to pgq_admin");
    }
    try (var session = theirs.open()) {
      session.tickDueQueues();
      assertThat(theirs.unwell()).isEmpty();
    }
    owner.execute("revoke select on pgq.event_1 from pgq_admin");
    try (var session = theirs.open()) {
      session.tickDueQueues();
      assertThat(theirs.unwell()).containsExactly("overlooked events destination/app/orders");
      owner.execute("select pgq.drop_queue('orders', true)");
      session.tickDueQueues();
      assertThat(theirs.unwell()).as("of a queue that is no more").isEmpty();
    }
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
