package io.github.pgqfleet.ticker;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgqfleet.fixture.OnEachServer;
import io.github.pgqfleet.fixture.PgqServerExtension;
import io.github.pgqfleet.fixture.TestDatabase;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The shortcut to {@code pgq.maint_operations()} never misses what that lists. */
@ExtendWith(PgqServerExtension.class)
@OnEachServer
class ChoresIT {

  private static final List<String> STATES =
      List.of(
          "update pgq.queue set queue_switch_time = now()",
          "update pgq.queue set queue_switch_time = now() - interval '3 h'",
          "update pgq.queue set queue_switch_step2 = null",
          "update pgq.queue set queue_switch_step2 = 1, queue_switch_time = now()",
          "update pgq.queue set queue_extra_maint = array['public.own_maintenance']",
          "update pgq.queue set queue_extra_maint = null, queue_rotation_period = '0 s'",
          "update pgq.queue set queue_rotation_period = '2 h', queue_switch_time = now()",
          "create schema londiste create table seq_info (local boolean, queue_name text)",
          "create function londiste.periodic_maintenance() returns integer language sql"
              + " as 'select 0'",
          "drop schema londiste cascade",
          "update pg_extension set extversion = '3.9' where extname = 'pgq'");

  @Test
  void agreeWithPgqInEachState(TestDatabase database) throws SQLException {
    database.createQueue("orders");
    database.createQueue("audit");
    var listed = 0;
    try (var connection = database.connect()) {
      for (var state : STATES) {
        database.execute(state);
        var lists = database.number("select count(*) from pgq.maint_operations()") > 0;
        assertThat(Chores.find(connection, true).maintenance()).as(state).isEqualTo(lists);
        listed += lists ? 1 : 0;
      }
    }
    assertThat(listed).as("states with something to do").isBetween(3, STATES.size() - 3);
  }

  @Test
  void nameRetriesWhoseTimeHasCome(TestDatabase database) throws SQLException {
    database.createQueue("orders");
    database.registerConsumer("orders", "reader");
    try (var connection = database.connect()) {
      assertThat(Chores.find(connection, true).retries()).isFalse();
      database.execute(
          """
          insert into pgq.retry_queue (ev_retry_after, ev_queue, ev_id, ev_time, ev_owner, ev_type)
          select now(), 1, 1, now(), sub_id, 'again' from pgq.subscription""");
      assertThat(Chores.find(connection, true).retries()).isTrue();
    }
  }

  @Test
  void areFoundTogetherWithTheLockByTheFirstSessionAlone(TestDatabase database)
      throws SQLException {
    database.createQueue("orders");
    database.execute("update pgq.queue set queue_switch_step2 = null");
    try (var first = database.connect();
        var second = database.connect()) {
      assertThat(Chores.findIfLeading(first, true)).contains(new Chores(false, true));
      assertThat(Chores.findIfLeading(second, true)).isEmpty();
      assertThat(new Leadership(second).leads()).isFalse();
    }
  }
}
