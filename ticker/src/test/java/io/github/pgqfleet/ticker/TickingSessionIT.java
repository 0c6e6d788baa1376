package io.github.pgqfleet.ticker;

import static io.github.pgqfleet.ticker.TestFleet.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.pgqfleet.fixture.Await;
import io.github.pgqfleet.fixture.OnEachServer;
import io.github.pgqfleet.fixture.PgqServer;
import io.github.pgqfleet.fixture.PgqServerExtension;
import io.github.pgqfleet.fixture.TestDatabase;
import io.github.pgqfleet.ticker.page.TestSurvey;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.postgresql.PGConnection;

@ExtendWith(PgqServerExtension.class)
@OnEachServer
class TickingSessionIT {

  @TempDir private Path directory;

  @Test
  void ticksOnlyWhatIsDueByTheQueuesOwnSettings(TestDatabase database) throws SQLException {
    quietQueue(database, "full");
    quietQueue(database, "waiting");
    database.execute("select pgq.set_queue_config('full', 'ticker_max_count', '3')");
    for (var queue : List.of("full", "waiting")) {
      database.insertEvents(queue, "new", List.of("a", "b", "c"));
    }
    try (var session = new TestFleet(directory, database).open()) {
      assertThat(session.tickDueQueues().ticks()).isEqualTo(1);
      assertThat(session.tickDueQueues().ticks()).isZero();
    }
    assertThat(ticks(database, "full")).isEqualTo(3);
    assertThat(ticks(database, "waiting")).isEqualTo(2);

    database.execute("select pgq.set_queue_config('waiting', 'ticker_max_lag', '0s')");
    try (var session = new TestFleet(directory, database).open()) {
      assertThat(session.tickDueQueues().ticks()).isEqualTo(1);
    }
    assertThat(ticks(database, "waiting")).isEqualTo(3);
  }

  @Test
  void leavesPausedAndExternalQueuesAlone(TestDatabase database) throws SQLException {
    database.createQueue("paused");
    database.createQueue("external");
    database.execute("select pgq.set_queue_config('paused', 'ticker_paused', 'true')");
    database.execute("select pgq.set_queue_config('external', 'external_ticker', 'true')");
    var fleet = new TestFleet(directory, database);
    try (var session = fleet.open()) {
      assertThat(session.tickDueQueues().ticks()).isZero();
    }
    assertThat(fleet.unwell()).isEmpty();
    assertThat(database.number("select count(*) from pgq.tick")).isEqualTo(2);
  }

  @Test
  void aBadQueueCostsTheOthersNothingAndIsNamed(TestDatabase database) throws SQLException {
    for (var queue : List.of("a", "bad", "z")) {
      database.createQueue(queue);
    }
    database.execute(
        "do $$ begin execute format('drop sequence %s cascade', (select queue_event_seq from"
            + " pgq.queue where queue_name = 'bad')); end $$");
    var fleet = new TestFleet(directory, database);
    var part = "queue " + fleet.database() + "/bad";
    try (var session = fleet.open()) {
      assertThat(session.tickDueQueues().ticks()).isEqualTo(2);
      assertThat(fleet.unwell()).containsExactly(part);
      assertThat(fleet.health.problems().values())
          .allMatch(problem -> problem.what().contains("does not exist"));
      assertThat(fleet.metrics.failures()).isEqualTo(1);
      // It rests now, and is not tried with each look.
      session.tickDueQueues();
      assertThat(fleet.metrics.failures()).isEqualTo(1);

      database.execute("select pgq.set_queue_config('bad', 'ticker_paused', 'true')");
      Await.until(
          "the paused queue to be no problem any more",
          PATIENCE,
          () -> {
            session.tickDueQueues();
            return fleet.unwell().isEmpty();
          });
    }
    assertThat(ticks(database, "a")).isGreaterThanOrEqualTo(2);
    assertThat(ticks(database, "z")).isGreaterThanOrEqualTo(2);
  }

  @Test
  void aQueueThatCannotEvenBeLookedAtCostsTheOthersNothing(TestDatabase database)
      throws SQLException {
    database.createQueue("a");
    database.createQueue("locked");
    var fleet = new TestFleet(directory, database);
    var sequence =
        database.string("select queue_event_seq from pgq.queue where queue_name = 'locked'");
    try (var session = fleet.open();
        var other = database.connect();
        var statement = other.createStatement()) {
      other.setAutoCommit(false);
      // Sequences cannot be locked as tables are; altering one does.
      statement.execute("alter sequence " + sequence + " owned by none");
      statement.execute("alter sequence " + sequence + " restart");
      assertThat(session.tickDueQueues().ticks()).isEqualTo(1);
      assertThat(fleet.unwell()).containsExactly("queue " + fleet.database() + "/locked");
      other.rollback();
      Await.until(
          "the queue to be ticked again",
          PATIENCE,
          () -> session.tickDueQueues().ticks() >= 0 && fleet.unwell().isEmpty());
    }
  }

  @Test
  void takesASurveyAlong(TestDatabase database) throws SQLException {
    for (var queue : List.of("orders", "paused")) {
      quietQueue(database, queue);
      database.insertEvents(queue, "new", List.of("a", "b", "c"));
    }
    database.execute("select pgq.set_queue_config('orders', 'ticker_max_count', '3')");
    database.execute("select pgq.set_queue_config('paused', 'ticker_paused', 'true')");
    var survey = TestSurvey.watched();
    try (var session = new TestFleet(directory, database).open()) {
      assertThat(session.tickDueQueues(survey).ticks()).isEqualTo(1);
      assertThat(TestSurvey.unticked(survey)).containsExactly("orders 3", "paused 3");
    }
    assertThat(ticks(database, "orders")).isEqualTo(3);
  }

  @Test
  void ticksThoughNoSurveyCanBeTaken(TestDatabase database) throws SQLException {
    database.createQueue("orders");
    var survey = TestSurvey.watched();
    try (var session = new TestFleet(directory, database).open();
        var other = database.connect();
        var statement = other.createStatement()) {
      other.setAutoCommit(false);
      statement.execute("lock table pgq.subscription");

      assertThat(session.tickDueQueues(survey).ticks()).isEqualTo(1);
      assertThat(TestSurvey.unticked(survey)).isEmpty();
      assertThatThrownBy(() -> session.survey(survey)).hasMessageContaining("lock timeout");
      other.rollback();
      session.tickDueQueues(survey);
      assertThat(TestSurvey.unticked(survey)).containsExactly("orders 0");
    }
  }

  @Test
  void notifiesForEachTickInItsTransaction(TestDatabase database) throws SQLException {
    database.createQueue("orders");
    database.createQueue("audit");
    try (var listener = database.connect();
        var session = new TestFleet(directory, database).open()) {
      try (var statement = listener.createStatement()) {
        statement.execute("listen pgq_tick");
      }
      session.tickDueQueues();
      var heard = new ArrayList<String>();
      Await.until(
          "notifications of both queues",
          PATIENCE,
          () -> {
            for (var n : listener.unwrap(PGConnection.class).getNotifications(100)) {
              heard.add(n.getName() + " " + n.getParameter());
            }
            return heard.size() >= 2;
          });
      assertThat(heard).containsExactlyInAnyOrder("pgq_tick orders", "pgq_tick audit");
    }
  }

  @Test
  void theFirstEventOfAFreshQueueNeedsNoIdleTick(TestDatabase database) throws SQLException {
    database.createQueue("orders");
    database.registerConsumer("orders", "reader");
    database.execute("select pgq.set_queue_config('orders', 'ticker_max_lag', '1 ms')");
    database.execute("select pgq.set_queue_config('orders', 'ticker_idle_period', '1 h')");
    // Two ticks far apart: the next idle tick is hours away.
    database.execute("update pgq.tick set tick_time = now() - interval '9 hours'");
    database.execute("insert into pgq.tick (tick_queue, tick_id, tick_event_seq) values (1, 2, 1)");
    database.execute("select setval('pgq.event_1_tick_seq', 2)");
    assertThat(database.insertEvent("orders", "new", "first")).isEqualTo(1);
    try (var session = new TestFleet(directory, database).open()) {
      var read = new ArrayList<String>();
      Await.until(
          "the first event",
          PATIENCE,
          () -> {
            session.tickDueQueues();
            return read.addAll(database.consume("orders", "reader"));
          });
      assertThat(read).containsExactly("first");
    }
  }

  @Test
  void saysThatPgqIsMissing(PgqServer server) {
    var fleet = new TestFleet(directory, server.newEmptyDatabase());
    assertThatThrownBy(fleet::open)
        .isInstanceOf(SQLException.class)
        .hasMessageContaining(fleet.database().id())
        .hasMessageContaining("ticker provision");
  }

  private static void quietQueue(TestDatabase database, String queue) {
    database.createQueue(queue);
    database.execute("select pgq.set_queue_config(?, 'ticker_max_lag', '1 h')", queue);
    // A second tick, without which PgQ makes one at once, and a sequence that is in use.
    database.execute("select nextval(queue_event_seq) from pgq.queue where queue_name = ?", queue);
    database.execute("select nextval(queue_event_seq) from pgq.queue where queue_name = ?", queue);
    database.tick(queue);
  }

  private static long ticks(TestDatabase database, String queue) {
    return database.number(
        "select count(*) from pgq.tick join pgq.queue on tick_queue = queue_id"
            + " where queue_name = ?",
        queue);
  }
}
