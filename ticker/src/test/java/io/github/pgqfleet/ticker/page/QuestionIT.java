package io.github.pgqfleet.ticker.page;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.pgqfleet.fixture.PgqServerExtension;
import io.github.pgqfleet.fixture.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(PgqServerExtension.class)
class QuestionIT {

  private final TestDatabase database;

  QuestionIT(TestDatabase database) {
    this.database = database;
  }

  @Test
  void tellsWhetherOthersTransactionsAreHidden() throws Exception {
    try (var connection = database.connect()) {
      assertThat(ask(connection).get("sees_all").booleanValue()).isTrue();
      execute(connection, "set role pgq_admin");
      assertThat(ask(connection).get("sees_all").booleanValue()).isFalse();
    }
  }

  @Test
  void hasNoAnswerWhereThereIsNothingToAsk() throws Exception {
    try (var connection = database.connect()) {
      assertThat(Question.MOVERS.ask(connection)).isEqualTo("null");
      assertThat(Question.DEAD_LETTERS.ask(connection)).isEqualTo("null");
      assertThat(Question.WORKERS.ask(connection)).isEqualTo("[]");
    }
  }

  private static JsonNode ask(Connection connection) throws Exception {
    return new ObjectMapper().readTree(Question.DATABASE.ask(connection));
  }

  private static void execute(Connection connection, String sql) throws SQLException {
    try (var statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }
}
