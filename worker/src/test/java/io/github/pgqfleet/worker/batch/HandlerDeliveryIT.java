package io.github.pgqfleet.worker.batch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.github.pgqfleet.fixture.PgqServerExtension;
import io.github.pgqfleet.fixture.TestDatabase;
import io.github.pgqfleet.worker.coop.SubConsumerId;
import java.sql.BatchUpdateException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

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
    database.execute(
        "create procedure take(id int) language sql as 'insert into item values (id)'");
    connection = database.connect();
    connection.setAutoCommit(false);
    delivery = delivery(1000);
  }

  private HandlerDelivery delivery(int atOnce) {
    var batch = new BatchDelivery(new SubConsumerId("orders", "workers", "w_1"), 1);
    return new HandlerDelivery(batch, connection, atOnce);
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
        .isInstanceOf(BrokenHandlerException.class)
        .hasMessageContaining("WITH");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "select setval('place', n) from generate_series(1, ?) n",
        "with n as (select * from generate_series(1, ?) n) select setval('place', n.n) from n"
      })
  void executesAQueryForAllOfItsRowsAfterWhatWaits(String query) throws SQLException {
    send("insert into item select setval('place', ?)", 9);
    send(query, 3, 7, 5);
    assertThat(numbers("select last_value from place")).containsExactly(5);
    assertThat(items()).containsExactly(9);
  }

  @Test
  void callsProceduresTogether() throws SQLException {
    send("call take(?)", 1, 2, 3);
    assertThat(items()).isEmpty();
    delivery.flush();
    assertThat(items()).containsExactly(1, 2, 3);
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
  void holdsNoMoreStatementsThanEventsMayBeHeld() throws SQLException {
    try (var small = delivery(2)) {
      small.send(INSERT, insert -> insert.setInt(1, 1));
      small.send(INSERT, insert -> insert.setInt(1, 2));
      assertThat(items()).isEmpty();
      small.send(INSERT, insert -> insert.setInt(1, 3));
      assertThat(items()).containsExactly(1, 2);
    }
  }

  @Test
  void letsAStatementMadeAfterwardsSeeWhatWasSent() throws SQLException {
    send(INSERT, 1);
    try (var statement = delivery.connection().createStatement();
        var row = statement.executeQuery("select count(*) from item")) {
      row.next();
      assertThat(row.getInt(1)).isOne();
    }
  }

  @Test
  void undoesByASavepointWhatWasSentAfterItAndNoMore() throws SQLException {
    send(INSERT, 1);
    var savepoint = delivery.connection().setSavepoint();
    send(INSERT, 2);
    delivery.connection().rollback(savepoint);
    send(INSERT, 3);
    delivery.flush();
    assertThat(items()).containsExactly(1, 3);
  }

  @Test
  void remembersAFailureThatAHandlerHasSwallowed() throws SQLException {
    send(INSERT, 1);
    delivery.send(INSERT, forgotten -> {});
    var failure = catchThrowable(delivery::flush);
    assertThat(failure).isInstanceOf(SQLException.class);
    assertThatThrownBy(() -> send(INSERT, 2)).isSameAs(failure);
    assertThatThrownBy(delivery::flush).isSameAs(failure);
  }

  @Test
  void dropsWhatStillWaitsWhenItIsClosedAndTakesNoMore() throws SQLException {
    send(INSERT, 1);
    delivery.close();
    assertThatThrownBy(() -> send(INSERT, 2))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("after the handler has returned");
    assertThat(items()).isEmpty();
  }
}
