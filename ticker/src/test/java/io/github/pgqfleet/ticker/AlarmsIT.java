package io.github.pgqfleet.ticker;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgqfleet.fixture.Await;
import io.github.pgqfleet.fixture.OnEachServer;
import io.github.pgqfleet.fixture.PgqServerExtension;
import io.github.pgqfleet.fixture.TestDatabase;
import io.github.pgqfleet.lifecycle.Health;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.InstantSource;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** What hurts later is named before, and no more when it is over. */
@ExtendWith(PgqServerExtension.class)
@OnEachServer
class AlarmsIT {

  private final TestDatabase database;
  private final TestFleet fleet;
  private final Health health = new Health(InstantSource.system());
  private final Alarms alarms;

  AlarmsIT(TestDatabase database, @TempDir Path directory) {
    this.database = database;
    this.fleet =
        new TestFleet(directory, database)
            .lines(
                "alarms { consumer-lag = 10m, batch-age = 10m, rotation-overdue = 10m",
                "retry-queue = 3, transaction-age = 10m }");
    this.alarms = new Alarms(fleet.config().limits(), health);
  }

  @BeforeEach
  void createQueue() {
    database.createQueue("orders");
    database.registerConsumer("orders", "reader");
  }

  @Test
  void areSilentAsLongAsAllIsWell() throws SQLException {
    database.tick("orders");
    look();
    assertThat(health.warnings()).isEmpty();
  }

  @Test
  void nameAConsumerThatLagsAndForgetItWhenItHasCaughtUp() throws SQLException {
    database.execute("update pgq.tick set tick_time = now() - interval '3 h'");
    database.tick("orders");
    look();
    // A consumer that has just been given its tick is not late, however old the one before.
    assertThat(health.warnings()).isEmpty();

    database.execute("update pgq.tick set tick_time = now() - interval '2 h' where tick_id > 1");
    look();
    assertThat(warning("consumer-lag", "/orders consumer reader")).contains("2h", "more than 10m");
    assertThat(highest(Watched.CONSUMER_LAG))
        .hasValueSatisfying(lag -> assertThat(lag).isBetween(7200.0, 7300.0));
    database.consume("orders", "reader");
    look();
    assertThat(health.warnings()).isEmpty();
    assertThat(highest(Watched.CONSUMER_LAG)).hasValue(0.0);
  }

  @Test
  void nameAnOpenBatchAndItsHolder() throws SQLException {
    database.tick("orders");
    database.execute("select pgq.next_batch('orders', 'reader')");
    look();
    assertThat(health.warnings()).isEmpty();
    database.execute("update pgq.subscription set sub_active = now() - interval '1 h'");
    look();
    assertThat(warning("batch-age", "of consumer reader")).contains("1h");
  }

  @Test
  void nameALateRotationAndWhoseFaultItMayBe() throws SQLException {
    database.tick("orders");
    database.execute(
        "update pgq.queue set queue_switch_time = now() - interval '5 h',"
            + " queue_rotation_period = '2 h'");
    look();
    assertThat(warning("rotation-overdue", "/orders rotation"))
        .contains("3h", "consumer reader is the last");
  }

  @Test
  void countTheRetryQueue() throws SQLException {
    database.execute(
        """
        insert into pgq.retry_queue (ev_retry_after, ev_queue, ev_id, ev_time, ev_owner, ev_type)
        select now() + interval '1 h', 1, id, now(), sub_id, 'again'
          from pgq.subscription, generate_series(1000001, 1000004) id""");
    look();
    assertThat(warning("retry-queue", "/orders retry queue"))
        .contains("4 events, more than 3 events");
  }

  @Test
  void nameALongTransaction() throws SQLException {
    fleet.lines("alarms.transaction-age = 1s");
    var strict = new Alarms(fleet.config().limits(), health);
    try (var open = database.connect()) {
      open.setAutoCommit(false);
      var pid = pidOfAWriter(open);
      Await.until(
          "the alarm",
          TestFleet.PATIENCE,
          () -> {
            look(strict);
            return !health.warnings().isEmpty();
          });
      assertThat(warning("transaction-age", "session " + pid)).contains("idle in transaction");
      open.rollback();
    }
    look(strict);
    assertThat(health.warnings()).isEmpty();
  }

  @Test
  void areForgottenWhenAnotherLooksAfterTheDatabase() throws SQLException {
    database.execute("update pgq.queue set queue_switch_time = now() - interval '5 h'");
    look();
    assertThat(health.warnings()).hasSize(1);
    alarms.forget(fleet.database());
    assertThat(health.warnings()).isEmpty();
    assertThat(highest(Watched.ROTATION_OVERDUE)).isEmpty();
  }

  private Optional<Double> highest(Watched what) {
    return alarms.highest(fleet.database(), what);
  }

  private void look() throws SQLException {
    look(alarms);
  }

  private void look(Alarms by) throws SQLException {
    try (var session = fleet.open()) {
      by.seen(fleet.database(), session.watch(1000));
    }
  }

  private String warning(String kind, String part) {
    assertThat(health.warnings()).hasSize(1);
    var name = health.warnings().firstKey();
    assertThat(name).startsWith(kind + " " + fleet.database()).endsWith(part);
    return health.warnings().values().iterator().next().what();
  }

  private static int pidOfAWriter(Connection connection) throws SQLException {
    try (var statement = connection.createStatement();
        var row = statement.executeQuery("select pg_backend_pid() from txid_current()")) {
      row.next();
      return row.getInt(1);
    }
  }
}
