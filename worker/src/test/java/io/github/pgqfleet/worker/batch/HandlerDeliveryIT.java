package io.github.pgqfleet.worker.batch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.pgqfleet.fixture.PgqServerExtension;
import io.github.pgqfleet.fixture.TestDatabase;
import io.github.pgqfleet.worker.coop.SubConsumerId;
import java.sql.BatchUpdateException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Statements that a handler sends without waiting, in a transaction. */
@ExtendWith(PgqServerExtension.class)
class HandlerDeliveryIT {

  private static final String INSERT = "insert into item values (?)";

  private final Connection connection;
  private final HandlerDelivery delivery;

  HandlerDeliveryIT(TestDatabase database) throws SQLException {
    database.execute("create table item (id int primary key check (id < 10000))");
    database.execute("create table seen (id int)");
    database.execute("create sequence place");
    connection = database.connect();
    connection.setAutoCommit(false);
    delivery =
        new HandlerDelivery(
            new BatchDelivery(new SubConsumerId("orders", "workers", "w_1"), 1, connection));
  }

  @AfterEach
  void closes() throws SQLException {
    delivery.close();
    connection.close();
  }

  private void send(String sql, int... values) throws SQLException {
    for (int value : values) {
      delivery.send(sql, statement -> statement.setInt(1, value));
    }
  }

  private List<Integer> numbers(String sql) throws SQLException {
    var numbers = new ArrayList<Integer>();
    try (var statement = connection.createStatement();
        var rows = statement.executeQuery(sql)) {
      while (rows.next()) {
        numbers.add(rows.getInt(1));
      }
    }
    return numbers;
  }

  private List<Integer> items() throws SQLException {
    return numbers("select id from item order by id");
  }

  @Test
  void letsStatementsWaitUntilTheyAreFlushed() throws SQLException {
    send(INSERT, 1, 2, 3);
    assertThat(items()).isEmpty();
    delivery.flush();
    assertThat(items()).containsExactly(1, 2, 3);
    delivery.flush();
    assertThat(items()).containsExactly(1, 2, 3);
  }

  @Test
  void sendsThemBeforeTheyBecomeTooMany() throws SQLException {
    send(INSERT, IntStream.rangeClosed(1, 501).toArray());
    assertThat(items()).hasSize(500);
    delivery.flush();
    assertThat(items()).hasSize(501);
  }

  @Test
  void executesDifferentStatementsInTheOrderInWhichTheyWereSent() throws SQLException {
    var delete = "delete from item where id = ?";
    send(INSERT, 1);
    send(delete, 1);
    send(INSERT, 1, 2);
    send(delete, 2);
    delivery.flush();
    assertThat(items()).containsExactly(1);
  }

  @Test
  void saysHowSeveralStatementsBecomeOne() {
    assertThatThrownBy(() -> send("insert into item values (?); notify items", 1))
        .isInstanceOf(SQLFeatureNotSupportedException.class)
        .hasMessageContaining("WITH")
        .hasMessageContaining("notify items");
  }

  @Test
  void dropsTheRowsOfAFunctionThatIsCalled() throws SQLException {
    send("select setval('place', ?)", 1, 3, 2);
    delivery.flush();
    assertThat(numbers("select last_value from place")).containsExactly(2);
  }

  @Test
  void failsWithTheErrorOfTheStatementThatFailed() throws SQLException {
    send(INSERT, 1, 10_000, 2);
    assertThatThrownBy(delivery::flush)
        .isInstanceOf(SQLException.class)
        .isNotInstanceOf(BatchUpdateException.class)
        .hasMessageContaining("item_id_check")
        .hasMessageNotContaining("insert into item")
        .extracting(e -> ((SQLException) e).getSQLState())
        .isEqualTo("23514");
  }

  @Test
  void refusesAParameterThatWasForgottenEvenIfTheLastEventHadOne() throws SQLException {
    send(INSERT, 1);
    delivery.send(INSERT, forgotten -> {});
    assertThatThrownBy(delivery::flush).hasMessageContaining("No value specified for parameter 1");
  }

  @Test
  void takesAnotherTextAfterParametersThatCouldNotBeSet() throws SQLException {
    assertThatThrownBy(() -> delivery.send(INSERT, insert -> insert.setInt(2, 1)))
        .isInstanceOf(SQLException.class);
    send("insert into seen (id) values (?)", 7);
    delivery.flush();
    assertThat(items()).isEmpty();
    assertThat(numbers("select id from seen")).containsExactly(7);
  }

  @Test
  void dropsWhatStillWaitsWhenItIsClosed() throws SQLException {
    send(INSERT, 1);
    delivery.close();
    delivery.flush();
    assertThat(items()).isEmpty();
  }
}
