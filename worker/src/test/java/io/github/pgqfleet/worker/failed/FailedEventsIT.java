package io.github.pgqfleet.worker.failed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.pgqfleet.fixture.OnEachServer;
import io.github.pgqfleet.fixture.PgqServerExtension;
import io.github.pgqfleet.fixture.TestDatabase;
import io.github.pgqfleet.sql.ScriptRevision.State;
import io.github.pgqfleet.worker.failed.FailedEvents.Counts;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * The SQL of failed events and dead letters, as a consumer with no more than its rights uses it.
 */
@ExtendWith(PgqServerExtension.class)
@OnEachServer
class FailedEventsIT {

  private static final DeadLetterFilter ALL =
      new DeadLetterFilter("one", List.of(), List.of(), List.of(), null, null, null);

  private final TestDatabase database;
  private final String reader;
  private final Connection connection;
  private final FailedEvents failedEvents =
      new FailedEvents(new RetryPolicy(2, Duration.ofMillis(1), Duration.ofMillis(1)));

  FailedEventsIT(TestDatabase database) throws SQLException {
    this.database = database;
    this.reader = database.name() + "_reader";
    database.execute(FailedEventsSql.script());
    database.createQueue("orders");
    database.registerConsumer("orders", "one");
    database.registerConsumer("orders", "two");
    database.execute("create role " + reader + " login password 'reader'");
    database.execute("grant pgq_reader to " + reader);
    connection = DriverManager.getConnection(database.jdbcUrl(), reader, "reader");
  }

  @BeforeEach
  void insertsFour() {
    database.insertEvents("orders", "test", List.of("a", "b", "c", "d"));
    database.tick("orders");
  }

  @AfterEach
  void dropsTheRole() throws SQLException {
    connection.close();
    database.execute("drop owned by " + reader);
    database.execute("drop role " + reader);
  }

  @Test
  void putsEventsAsideForTheirConsumerAlone() throws SQLException {
    long batch = nextBatch("one");
    var ids = ids(batch);

    var counts =
        failedEvents.record(connection, batch, List.of(fails(ids.get(1), 0), fails(ids.get(2), 1)));

    assertThat(counts).isEqualTo(new Counts(1, 1));
    assertThat(retryQueue()).containsExactly("b 1 one");
    assertThat(new DeadLetters(connection).read(ALL, 0, 10))
        .singleElement()
        .satisfies(
            d -> {
              assertThat(d.queue()).isEqualTo("orders");
              assertThat(d.consumer()).isEqualTo("one");
              assertThat(d.eventId()).isEqualTo(ids.get(2));
              assertThat(d.data()).isEqualTo("c");
              assertThat(d.error()).isEqualTo("no ? use");
              assertThat(d.stack()).isEqualTo("at a");
              assertThat(d.batchId()).isEqualTo(batch);
            });
  }

  @Test
  void handsADeadLetterBackToItsConsumerAloneWithAllItsAttempts() throws SQLException {
    long batch = nextBatch("one");
    failedEvents.record(connection, batch, List.of(dies(ids(batch).get(2))));
    finish(batch);
    finish(nextBatch("two"));
    var letters = new DeadLetters(connection);

    assertThat(letters.replay(letters.ids(ALL, 0, Long.MAX_VALUE, 10))).isOne();

    assertThat(letters.count(ALL)).isZero();
    database.execute("select pgq.maint_retry_events()");
    database.tick("orders");
    long again = nextBatch("one");
    assertThat(
            database.strings(
                "select ev_data || ' ' || ev_retry from pgq.get_batch_events(?)", again))
        .containsExactly("c 0");
    assertThat(database.consume("orders", "two")).isEmpty();
  }

  @Test
  void keepsADeadLetterThatCannotBeReplayed() throws SQLException {
    long batch = nextBatch("one");
    var ids = ids(batch);
    failedEvents.record(connection, batch, List.of(dies(ids.get(0)), dies(ids.get(1))));
    var letters = new DeadLetters(connection);
    var all = letters.ids(ALL, 0, Long.MAX_VALUE, 10);
    // As when the queue's sequence was set back: an event of the same id waits.
    failedEvents.record(connection, batch, List.of(fails(ids.get(0), 0)));

    assertThat(letters.replay(all)).isOne();
    assertThat(letters.read(ALL, 0, 10)).extracting(DeadLetter::data).containsExactly("a");

    database.execute("select pgq.unregister_consumer('orders', 'one')");
    assertThat(letters.replay(all)).isZero();
    assertThat(letters.count(ALL)).isOne();
    assertThat(letters.drop(all)).isOne();
    assertThat(letters.count(ALL)).isZero();
  }

  @Test
  void keepsAsADeadLetterWhatTheRetryQueueHoldsAlready() throws SQLException {
    long batch = nextBatch("one");
    var fails = List.of(fails(ids(batch).get(0), 0));

    assertThat(failedEvents.record(connection, batch, fails)).isEqualTo(new Counts(1, 0));
    assertThat(failedEvents.record(connection, batch, fails)).isEqualTo(new Counts(0, 1));
  }

  @Test
  void refusesABatchThatIsNotOpenAndAnEventThatIsNotInIt() throws SQLException {
    long batch = nextBatch("one");
    var ids = ids(batch);

    assertThatThrownBy(
            () ->
                failedEvents.record(
                    connection, batch, List.of(fails(ids.get(0), 0), fails(ids.get(3) + 99, 0))))
        .isInstanceOf(SQLException.class)
        .hasMessageContaining("of 2 failed events 1 are in batch " + batch);
    assertThat(retryQueue()).isEmpty();
    finish(batch);
    assertThatThrownBy(() -> failedEvents.record(connection, batch, List.of(fails(ids.get(0), 0))))
        .isInstanceOf(SQLException.class)
        .extracting(e -> ((SQLException) e).getSQLState())
        .isEqualTo(FailedEvents.BATCH_NOT_OPEN);
  }

  @Test
  void isForReadersOnly() throws SQLException {
    long batch = nextBatch("one");
    var fails = List.of(fails(ids(batch).get(0), 0));
    database.execute("revoke pgq_reader from " + reader);

    assertThat(FailedEventsSql.state(connection)).isEqualTo(State.FORBIDDEN);
    assertThatThrownBy(() -> failedEvents.record(connection, batch, fails))
        .hasMessageContaining("grant this user pgq_reader");
    assertThatThrownBy(() -> new DeadLetters(connection).count(ALL))
        .hasMessageContaining("grant this user pgq_reader");
  }

  @Test
  void upgradesAnOlderRevisionAndKeepsItsDeadLetters() throws SQLException {
    long batch = nextBatch("one");
    failedEvents.record(connection, batch, List.of(dies(ids(batch).get(0))));
    assertThat(FailedEventsSql.state(connection)).isEqualTo(State.READY);
    database.execute(
        """
        create or replace function pgq_fleet.failed_events_revision() returns integer
        language sql immutable as $$ select 0 $$;
        drop function pgq_fleet.drop_dead_letters;
        revoke select on pgq_fleet.dead_letter from pgq_reader\
        """);
    assertThat(FailedEventsSql.state(connection)).isEqualTo(State.OLD);

    database.execute(FailedEventsSql.script());

    assertThat(FailedEventsSql.state(connection)).isEqualTo(State.READY);
    var letters = new DeadLetters(connection);
    assertThat(letters.drop(letters.ids(ALL, 0, letters.newest(), 10))).isOne();
  }

  @Test
  void saysWhatToRunWhereItIsMissing() throws SQLException {
    long batch = nextBatch("one");
    var fails = List.of(fails(ids(batch).get(0), 0));
    database.execute("drop schema pgq_fleet cascade");

    assertThat(FailedEventsSql.state(connection)).isEqualTo(State.MISSING);
    assertThatThrownBy(() -> failedEvents.record(connection, batch, fails))
        .hasMessageContaining("run `worker provision`");
  }

  private static FailedEvent fails(long id, int retry) {
    return new FailedEvent(id, retry, "no \u0000 use", "at a", false);
  }

  private static FailedEvent dies(long id) {
    return new FailedEvent(id, 0, "no use", "", true);
  }

  private long nextBatch(String consumer) {
    return database.number("select pgq.next_batch('orders', ?)", consumer);
  }

  private void finish(long batch) {
    database.execute("select pgq.finish_batch(?)", batch);
  }

  private List<Long> ids(long batch) {
    return database.rows(
        row -> row.getLong(1), "select ev_id from pgq.get_batch_events(?) order by 1", batch);
  }

  private List<String> retryQueue() {
    return database.strings(
        """
        select ev_data || ' ' || ev_retry || ' ' || co_name
          from pgq.retry_queue
          join pgq.subscription on sub_id = ev_owner
          join pgq.consumer on co_id = sub_consumer
         order by ev_id\
        """);
  }
}
