package io.github.pgqfleet.ticker;

import static io.github.pgqfleet.ticker.TestFleet.PATIENCE;

import io.github.pgqfleet.fixture.Await;
import io.github.pgqfleet.fixture.TestDatabase;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/**
 * Who made which tick of a database, and when: a trigger on {@code pgq.tick} keeps the record, from
 * its installation on. Thread-safe.
 */
final class TickAudit {

  /**
   * The transaction and the tick's snapshot tell whether a leader began before the last tick of the
   * one before it was committed.
   */
  private static final String INSTALL =
      """
      create schema tick_audit;
      create table tick_audit.made (
        n bigserial primary key, queue integer, tick bigint, snapshot txid_snapshot,
        txid bigint default txid_current(), backend integer default pg_backend_pid(),
        application text default current_setting('application_name'),
        at timestamptz default clock_timestamp());
      create function tick_audit.note() returns trigger language plpgsql security definer as $$
      begin
        insert into tick_audit.made (queue, tick, snapshot)
        values (new.tick_queue, new.tick_id, new.tick_snapshot);
        return null;
      end $$;
      create trigger tick_audit after insert on pgq.tick
        for each row execute function tick_audit.note();
      create view tick_audit.reigns as
        select reign, min(backend) as backend, min(application) as application,
               count(*) as ticks, min(at) as first, max(at) as last
          from (select *, count(*) filter (where new) over (order by n) as reign
                  from (select *, backend is distinct from lag(backend) over (order by n) as new
                          from tick_audit.made) a) b
         group by reign order by reign;
      create view tick_audit.gaps as
        select queue, tick, backend, at, at - lag(at) over (partition by queue order by n) as gap
          from tick_audit.made;
      create view tick_audit.overlaps as
        select n, format('backend %s made tick %s of queue %s at %s, %s', backend, tick, queue, at,
                 case when again then 'though another had ticked since it did'
                      else 'before the last tick of backend ' || before || ' was committed' end)
                 as what
          from (select *, reign > min(reign) over (partition by backend) as again
                  from (select *, count(*) filter (where backend is distinct from before)
                                    over (order by n) as reign
                          from (select *, lag(backend) over w as before,
                                       lag(txid) over w as txid_before
                                  from tick_audit.made window w as (order by n)) a) b) c
         where again or backend <> before and not txid_visible_in_snapshot(txid_before, snapshot)
         order by n;
      """;

  private final TestDatabase database;

  /** The ticks that one session made in succession. */
  record Reign(int backend, String application, long ticks, Instant first, Instant last) {}

  private TickAudit(TestDatabase database) {
    this.database = database;
  }

  /** Begins the record; for a database with PgQ. */
  static TickAudit of(TestDatabase database) {
    database.execute(INSTALL);
    return new TickAudit(database);
  }

  /** A queue that wants a tick each period, whether it has events or not. */
  static void createQueueThatIsAlwaysDue(TestDatabase database, String queue) {
    database.createQueue(queue);
    database.execute("select pgq.set_queue_config(?, 'ticker_max_lag', '1 ms')", queue);
    database.execute("select pgq.set_queue_config(?, 'ticker_idle_period', '1 ms')", queue);
  }

  /** Begins the record anew. */
  void restart() {
    database.execute("truncate tick_audit.made");
  }

  /** How many ticks were made. */
  long ticks() {
    return database.number("select count(*) from tick_audit.made");
  }

  void awaitTicks(int more) {
    var before = ticks();
    Await.until(
        more + " more ticks in " + database.name(), PATIENCE, () -> ticks() >= before + more);
  }

  /** Between two ticks of the same queue, from the first to the last; zero if there are no two. */
  Duration longestGap() {
    return Duration.ofMillis(
        database.number("select extract(epoch from max(gap)) * 1000 from tick_audit.gaps"));
  }

  /** Each session's ticks, in the order in which they led. */
  List<Reign> reigns() {
    return database.rows(
        row ->
            new Reign(
                row.getInt("backend"),
                row.getString("application"),
                row.getLong("ticks"),
                row.getTimestamp("first").toInstant(),
                row.getTimestamp("last").toInstant()),
        "select * from tick_audit.reigns");
  }

  /** How often another session went on ticking. */
  int handOvers() {
    return Math.max(0, reigns().size() - 1);
  }

  /**
   * The ticks made while another session led: by one that had been replaced, or before the last
   * tick of the one that it replaced was committed. A sentence each.
   */
  List<String> overlaps() {
    return database.strings("select what from tick_audit.overlaps order by n");
  }

  /** For the message of an assertion. */
  @Override
  public String toString() {
    return database.name()
        + ": longest gap "
        + longestGap()
        + database.strings(
            "select format('queue %s tick %s backend %s at %s gap %s', queue, tick, backend, at, gap)"
                + " from tick_audit.gaps"
                + " where gap > '1.5 s' order by at")
        + " reigns "
        + reigns();
  }
}
