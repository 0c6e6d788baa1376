package io.github.pgqfleet.ticker;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgqfleet.fixture.OnEachServer;
import io.github.pgqfleet.fixture.PgqServerExtension;
import io.github.pgqfleet.fixture.TestDatabase;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(PgqServerExtension.class)
@OnEachServer
class MaintenanceIT {

  @TempDir private Path directory;

  @Test
  void rotatesEachQueueInBothSteps(TestDatabase database) throws Exception {
    rotating(database, "orders");
    rotating(database, "audit");
    maintain(new TestFleet(directory, database));
    assertThat(database.strings("select queue_cur_table from pgq.queue")).containsOnly("1");
    assertThat(
            database.number(
                "select count(*) from pgq.queue where queue_switch_step2 > queue_switch_step1"))
        .isEqualTo(2);
  }

  @Test
  void holdsStep2BackUntilNoOlderSnapshotCanWriteIntoTheOldTable(TestDatabase database)
      throws Exception {
    rotating(database, "orders");
    // A consumer at the first tick would keep the tables from being rotated.
    database.tick("orders");
    database.registerConsumer("orders", "reader");
    var fleet = new TestFleet(directory, database);
    try (var old = oldSnapshot(database)) {
      maintain(fleet);
      assertThat(database.number("select queue_cur_table from pgq.queue")).isEqualTo(1);
      assertThat(step2IsPending(database)).isTrue();
      readUpToNow(database);
      insertAndCommit(old);
    }
    maintain(fleet);
    assertThat(step2IsPending(database)).isFalse();
    database.tick("orders");
    assertThat(database.consume("orders", "reader")).containsExactly("late");
    assertThat(fleet.unwell()).isEmpty();
  }

  /** Why step 2 is held back: PgQ by itself loses the event. */
  @Test
  void plainRotationLosesTheEventOfAnOlderSnapshot(TestDatabase database) throws Exception {
    rotating(database, "orders");
    // A consumer at the first tick would keep the tables from being rotated.
    database.tick("orders");
    database.registerConsumer("orders", "reader");
    try (var old = oldSnapshot(database)) {
      database.execute("select pgq.maint_rotate_tables_step1('orders')");
      database.execute("select pgq.maint_rotate_tables_step2()");
      readUpToNow(database);
      insertAndCommit(old);
    }
    database.tick("orders");
    assertThat(database.consume("orders", "reader")).isEmpty();
  }

  @Test
  void aFailingOperationStopsNoneOfTheOthersAndIsNamed(TestDatabase database) throws Exception {
    database.execute(
        """
        create function public.breaks(text) returns int language plpgsql as
          $$ begin raise exception 'broken on purpose'; end $$;
        create table public.calls (queue text);
        create function public.counts(queue text) returns int language sql as
          $$ insert into public.calls values (queue);
             select case when count(*) < 4 then 1 else 0 end from public.calls $$;
        """);
    rotating(database, "orders");
    database.execute(
        "update pgq.queue set queue_extra_maint = array['public.breaks', 'public.counts']");
    var fleet = new TestFleet(directory, database);
    maintain(fleet);
    assertThat(database.strings("select queue from public.calls"))
        .containsExactly("orders", "orders", "orders", "orders");
    assertThat(step2IsPending(database)).isFalse();
    assertThat(fleet.unwell())
        .containsExactly("maintenance " + fleet.database() + " public.breaks(orders)");

    database.execute(
        "create or replace function public.breaks(text) returns int language sql as"
            + " 'select 0'");
    maintain(fleet);
    assertThat(fleet.unwell()).isEmpty();
  }

  @Test
  void emptiesTheRetryQueueBeyondTenEvents(TestDatabase database) throws Exception {
    database.createQueue("orders");
    database.registerConsumer("orders", "reader");
    var data = IntStream.range(0, 37).mapToObj(Integer::toString).toList();
    database.insertEvents("orders", "new", data);
    database.tick("orders");
    var batch = database.number("select pgq.next_batch('orders', 'reader')");
    database.execute(
        "select pgq.event_retry(?, ev_id, 0) from pgq.get_batch_events(?)", batch, batch);
    database.execute("select pgq.finish_batch(?)", batch);
    var later = database.insertEvent("orders", "new", "later");
    database.execute(
        """
        insert into pgq.retry_queue (ev_retry_after, ev_queue, ev_id, ev_time, ev_owner, ev_type)
        select now() + interval '1 hour', 1, ?, now(), sub_id, 'new' from pgq.subscription""",
        later);

    var fleet = new TestFleet(directory, database);
    try (var session = fleet.open()) {
      assertThat(session.chores(true).retries()).isTrue();
      DatabaseMaintenance.retries(fleet.ticking(), fleet.database(), new Unhurried());
      assertThat(session.chores(true).retries()).isFalse();
    }
    assertThat(database.number("select count(*) from pgq.retry_queue")).isEqualTo(1);
    // They keep their numbers and move the sequence all the same: PgQ sees 37 new ones, and
    // `later`.
    assertThat(database.number("select ev_new from pgq.get_queue_info('orders')")).isEqualTo(38);
    database.tick("orders");
    var expected = new ArrayList<>(data);
    expected.add("later");
    assertThat(database.consume("orders", "reader")).containsExactlyInAnyOrderElementsOf(expected);
  }

  private static void maintain(TestFleet fleet) throws Exception {
    DatabaseMaintenance.operations(fleet.ticking(), fleet.database(), new Unhurried());
  }

  /** A queue whose event tables want rotation now. */
  private static void rotating(TestDatabase database, String queue) {
    database.createQueue(queue);
    database.execute("select pgq.set_queue_config(?, 'rotation_period', '1 ms')", queue);
    database.execute("update pgq.queue set queue_switch_time = now() - interval '1 hour'");
  }

  private static boolean step2IsPending(TestDatabase database) {
    return database.number("select count(*) from pgq.queue where queue_switch_step2 is null") > 0;
  }

  /** A transaction that has its snapshot, and no transaction id. */
  private static Connection oldSnapshot(TestDatabase database) throws SQLException {
    var connection = database.connect();
    connection.setAutoCommit(false);
    connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
    try (var statement = connection.createStatement()) {
      statement.execute("select 1 from pgq.queue");
    }
    return connection;
  }

  /** After that, PgQ looks for later events in the new table alone. */
  private static void readUpToNow(TestDatabase database) {
    database.tick("orders");
    assertThat(database.consume("orders", "reader")).isEmpty();
  }

  private static void insertAndCommit(Connection connection) throws SQLException {
    try (var statement = connection.createStatement()) {
      statement.execute("select pgq.insert_event('orders', 'new', 'late')");
    }
    connection.commit();
  }
}
