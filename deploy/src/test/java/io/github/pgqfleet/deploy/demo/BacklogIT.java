package io.github.pgqfleet.deploy.demo;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgqfleet.fixture.PgqServerExtension;
import io.github.pgqfleet.fixture.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(PgqServerExtension.class)
class BacklogIT {
  private final TestDatabase database;

  BacklogIT(TestDatabase database) {
    this.database = database;
  }

  @BeforeEach
  void registersAConsumer() {
    database.createQueue("orders");
    database.registerConsumer("orders", "reader");
  }

  @Test
  void isEmptyOnlyAfterTheConsumerHasFinished() throws SQLException {
    assertThat(backlog()).isZero();
    database.insertEvent("orders", "new", "a");
    assertThat(backlog()).isPositive();
    database.tick("orders");
    assertThat(backlog()).isPositive();
    long batch = database.number("select pgq.next_batch('orders', 'reader')");
    assertThat(backlog()).isPositive();
    database.execute("select pgq.finish_batch(?)", batch);
    assertThat(backlog()).isZero();
  }

  @Test
  void seesAnEventWhoseTransactionWasOpenDuringTheTick() throws SQLException {
    try (Connection straddling = database.connect();
        Statement statement = straddling.createStatement()) {
      straddling.setAutoCommit(false);
      statement.execute("select pgq.insert_event('orders', 'new', 'late')");
      database.tick("orders");
      straddling.commit();
    }
    assertThat(database.consume("orders", "reader")).isEmpty();
    assertThat(backlog()).isEqualTo(1);
    database.tick("orders");
    assertThat(database.consume("orders", "reader")).containsExactly("late");
    assertThat(backlog()).isZero();
  }

  @Test
  void seesAnEventThatIsToBeRetried() throws SQLException {
    long event = database.insertEvent("orders", "new", "a");
    database.tick("orders");
    long batch = database.number("select pgq.next_batch('orders', 'reader')");
    database.execute("select pgq.event_retry(?, ?, 3600)", batch, event);
    database.execute("select pgq.finish_batch(?)", batch);
    assertThat(backlog()).isEqualTo(1);
  }

  private long backlog() throws SQLException {
    try (Connection connection = database.connect()) {
      return Backlog.of(connection);
    }
  }
}
