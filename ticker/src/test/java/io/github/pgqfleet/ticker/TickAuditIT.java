package io.github.pgqfleet.ticker;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgqfleet.fixture.OnEachServer;
import io.github.pgqfleet.fixture.PgqServerExtension;
import io.github.pgqfleet.fixture.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** That the audit sees what other tests rely on it to see. */
@ExtendWith(PgqServerExtension.class)
@OnEachServer
class TickAuditIT {

  private final TestDatabase database;
  private final TickAudit audit;

  TickAuditIT(TestDatabase database) {
    this.database = database;
    TickAudit.createQueueThatIsAlwaysDue(database, "orders");
    this.audit = TickAudit.of(database);
  }

  @Test
  void countsHandOversAndFindsNoOverlapWhereThereIsNone() throws SQLException {
    try (var one = database.connect();
        var other = database.connect()) {
      tick(one);
      tick(one);
      tick(other);
      tick(other);
    }
    assertThat(audit.ticks()).isEqualTo(4);
    assertThat(audit.handOvers()).isEqualTo(1);
    assertThat(audit.overlaps()).isEmpty();
    assertThat(audit.longestGap()).isBetween(Duration.ZERO, Duration.ofSeconds(5));
  }

  @Test
  void findsTheTickOfOneThatWasReplaced() throws SQLException {
    try (var one = database.connect();
        var other = database.connect()) {
      tick(one);
      tick(other);
      tick(one);
    }
    assertThat(audit.handOvers()).isEqualTo(2);
    assertThat(audit.overlaps()).singleElement().asString().contains("another had ticked");
  }

  @Test
  void findsTheTickThatDoesNotSeeTheLastOne() throws SQLException {
    try (var one = database.connect();
        var other = database.connect()) {
      one.setAutoCommit(false);
      other.setAutoCommit(false);
      other.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
      other.createStatement().execute("select 1");
      tick(one);
      one.commit();
      insertTick(other);
      other.commit();
    }
    assertThat(audit.overlaps()).singleElement().asString().contains("was committed");
  }

  private static void tick(Connection connection) throws SQLException {
    try (var statement = connection.createStatement()) {
      statement.execute("select pg_sleep(0.005)");
      statement.execute("select pgq.ticker('orders')");
    }
  }

  /** As a session does whose snapshot is older than its turn. */
  private static void insertTick(Connection connection) throws SQLException {
    try (var statement = connection.createStatement()) {
      statement.execute(
          "insert into pgq.tick (tick_queue, tick_id, tick_event_seq) values (1, 1000, 1)");
    }
  }
}
