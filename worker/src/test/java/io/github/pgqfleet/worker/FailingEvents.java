package io.github.pgqfleet.worker;

import io.github.pgqfleet.fixture.TestDatabase;
import java.util.List;

/** The events of {@link FailingHandlers} in queue {@code orders}, and what became of them. */
final class FailingEvents {

  private final TestDatabase database;

  FailingEvents(TestDatabase database) {
    this.database = database;
    database.execute(FailingHandlers.FUNCTION);
    database.execute("create sequence conflicts");
    database.execute(
        "create procedure take_number(data text) language plpgsql as"
            + " 'begin perform data::int; end'");
    FailingHandlers.CONFLICTS.set(2);
  }

  /** A worker whose handler is a Java one, by event or by batch, or a function. */
  static String worker(String kind, String retry) {
    var handler =
        kind.equals("sql")
            ? "type = sql, function = handle"
            : "type = java, name = failing, settings { by = " + kind + " }";
    return WorkerFleet.QUICK
        + "retry { %s }, queues { orders { handler { %s } } }".formatted(retry, handler);
  }

  void insert(String type, int from, int to) {
    database.insertEvents("orders", type, WorkerFleet.numbers(from, to));
  }

  /** Lets the time of all that wait come. */
  void retry() {
    database.execute("update pgq.retry_queue set ev_retry_after = now()");
    while (database.number("select pgq.maint_retry_events()") > 0) {
      // At most ten at a time.
    }
    database.tick("orders");
  }

  List<String> waiting() {
    return database.strings(
        "select ev_data || ' ' || ev_retry from pgq.retry_queue order by ev_id");
  }

  boolean delaysBetween(int least, int most) {
    return database.number(
            "select count(*) from pgq.retry_queue"
                + " where extract(epoch from ev_retry_after - now()) not between ? - 5 and ?",
            least,
            most)
        == 0;
  }

  List<String> dead() {
    return database.strings(
        "select ev_data || ' ' || attempts || ' ' || split_part(error, ' (', 1)"
            + " from pgq_fleet.dead_letter order by ev_id");
  }

  /** How many batches the group has finished; the first begins at the tick of its registration. */
  long batchesFinished() {
    return database.number(
        """
        select count(*) from pgq.tick t
          join pgq.subscription m on m.sub_queue = t.tick_queue and m.sub_next_tick is null
           and m.sub_last_tick is not null
         where t.tick_id <= m.sub_last_tick and t.tick_id > 1
           and not exists (select from pgq.subscription s where s.sub_batch is not null)\
        """);
  }
}
