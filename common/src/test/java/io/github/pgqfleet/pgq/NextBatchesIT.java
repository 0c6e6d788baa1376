package io.github.pgqfleet.pgq;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.pgqfleet.fixture.OnEachServer;
import io.github.pgqfleet.fixture.PgqServer;
import io.github.pgqfleet.fixture.PgqServerExtension;
import io.github.pgqfleet.fixture.TestDatabase;
import io.github.pgqfleet.pgq.NextBatches.Asked;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(PgqServerExtension.class)
@OnEachServer
class NextBatchesIT {

  private static final List<String> QUEUES = List.of("a", "b", "c");

  private TestDatabase database;
  private Connection connection;
  private NextBatches batches;

  @BeforeEach
  void queues(PgqServer server) throws SQLException {
    database = server.newDatabase();
    for (var queue : QUEUES) {
      database.createQueue(queue);
      database.registerConsumer(queue, "mover");
    }
    connection = database.connect();
    batches = new NextBatches(connection, "mover", 0);
  }

  @AfterEach
  void disconnect() throws SQLException {
    connection.close();
  }

  @Test
  void finishesWhatIsDeliveredBeforeItOpensTheNext() throws SQLException {
    tick("a", "1");
    tick("b", "1");
    tick("b", "2");
    var first = batches.of(asked(OptionalLong.empty(), OptionalLong.empty(), OptionalLong.empty()));
    assertThat(first.get(0)).isPresent();
    assertThat(first.get(0).get().newest()).isTrue();
    assertThat(first.get(1)).isPresent();
    assertThat(first.get(1).get().newest()).isFalse();
    assertThat(first.get(2)).isEmpty();

    tick("c", "1");
    var second =
        batches.of(
            asked(
                OptionalLong.of(first.get(0).get().batch().id()),
                OptionalLong.of(first.get(1).get().batch().id()),
                OptionalLong.empty()));
    assertThat(second.get(0)).isEmpty();
    assertThat(second.get(1).orElseThrow().batch().previous())
        .isEqualTo(first.get(1).get().batch().current());
    assertThat(second.get(2)).isPresent();
    assertThat(
            database.strings(
                "select queue_name from pgq.get_consumer_info() where current_batch is null"))
        .containsExactly("a");
  }

  @Test
  void saysTheSqlOfTheEventsOfOneThatIsOpenedAlone() throws SQLException {
    tick("a", "1");
    tick("b", "1");
    var asked = asked(OptionalLong.empty(), OptionalLong.empty(), OptionalLong.empty());
    assertThat(batches.of(asked))
        .map(open -> open.flatMap(OpenBatch::eventSql))
        .containsOnly(Optional.empty());
    var alone = batches.of(asked.getFirst()).orElseThrow();
    var withoutOthers = List.of(asked.getFirst(), asked.getLast());
    assertThat(batches.of(withoutOthers)).first().isEqualTo(Optional.of(alone));
    assertThat(alone.eventSql())
        .contains(database.string("select pgq.batch_event_sql(?)", alone.batch().id()));
  }

  @Test
  void givesTheOpenBatchAgain() throws SQLException {
    tick("a", "1");
    var asked = new Asked("a", OptionalLong.empty());
    var open = batches.of(asked);
    assertThat(open).isPresent();
    tick("a", "2");
    assertThat(batches.of(asked).orElseThrow().batch()).isEqualTo(open.get().batch());
  }

  @Test
  void aBatchThatAnotherHasFinishedIsNoHindrance() throws SQLException {
    tick("a", "1");
    var asked = new Asked("a", OptionalLong.empty());
    var open = batches.of(asked).orElseThrow();
    database.number("select pgq.finish_batch(?)", open.batch().id());
    tick("a", "2");
    var next = batches.of(new Asked("a", OptionalLong.of(open.batch().id()))).orElseThrow();
    assertThat(next.batch().previous()).isEqualTo(open.batch().current());
  }

  @Test
  void takesNoTransactionIdWhereThereIsNothingNew() throws SQLException {
    connection.setAutoCommit(false);
    assertThat(batches.of(asked(OptionalLong.empty(), OptionalLong.empty(), OptionalLong.empty())))
        .allMatch(Optional::isEmpty);
    try (var statement = connection.createStatement();
        var row = statement.executeQuery("select txid_current_if_assigned() is null")) {
      row.next();
      assertThat(row.getBoolean(1)).isTrue();
    }
  }

  @Test
  void saysWhatIsWrongAsPgqDoesAndChangesNothing() throws SQLException {
    tick("a", "1");
    var empty = OptionalLong.empty();
    assertThatThrownBy(() -> batches.of(List.of(new Asked("a", empty), new Asked("gone", empty))))
        .isInstanceOf(SQLException.class)
        .hasMessageContaining("gone");
    assertThat(database.number("select count(*) from pgq.subscription where sub_batch is not null"))
        .isZero();
  }

  private void tick(String queue, String data) {
    database.insertEvent(queue, "t", data);
    database.tick(queue);
  }

  private static List<Asked> asked(OptionalLong... delivered) {
    return Stream.iterate(0, i -> i < delivered.length, i -> i + 1)
        .map(i -> new Asked(QUEUES.get(i), delivered[i]))
        .toList();
  }
}
