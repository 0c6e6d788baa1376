package io.github.pgqfleet.ticker;

import static io.github.pgqfleet.ticker.TestFleet.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;

import com.codahale.metrics.Counter;
import io.github.pgqfleet.fixture.Await;
import io.github.pgqfleet.fixture.PgqServer;
import io.github.pgqfleet.fixture.PgqServerExtension;
import io.github.pgqfleet.fixture.TestDatabase;
import io.github.pgqfleet.lifecycle.Supervisor;
import io.github.pgqfleet.ticker.page.Surveys;
import io.github.pgqfleet.ticker.page.TestSurvey;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** A ticker with its server's pulse: it looks where something happened, and rests elsewhere. */
@ExtendWith(PgqServerExtension.class)
class ServerPulseIT {

  private static final String TICKING_PIDS =
      """
      select pid::text from pg_locks
       where locktype = 'advisory' and granted and objid = 1
         and database = (select oid from pg_database where datname = current_database())""";

  /** Many periods, but much less than the time after which each database is looked at anyway. */
  private static final Duration SOON = Duration.ofSeconds(8);

  private final TestDatabase database;
  private final TestDatabase elsewhere;
  private final TestFleet fleet;
  private final Supervisor supervisor;

  ServerPulseIT(PgqServer server, @TempDir Path directory) {
    this.database = server.newDatabase();
    this.elsewhere = server.newDatabase();
    // Nothing but the pulse, or the clock of a queue, makes a ticker look.
    this.fleet =
        new TestFleet(directory, database)
            .lines("retry-period = 1h", "maintenance-period = 1h", "alarms.period = 1h");
    this.supervisor = new Supervisor(fleet.health, new Counter());
  }

  @AfterEach
  void stop() throws InterruptedException {
    assertThat(supervisor.stop(PATIENCE)).isTrue();
  }

  @Test
  void restsWhereNothingHappensAndTicksWhatIsCommitted() {
    createQueue("1 h");
    start();
    elsewhere.execute("create table t (x integer)");
    Await.until("nothing but beats", PATIENCE, () -> looksWithinTenBeats() == 0);
    for (int i = 0; i < 10; i++) {
      var event = "event " + i;
      database.insertEvent("orders", "new", event);
      awaitEvent(event);
    }
    assertThat(fleet.unwell()).isEmpty();
  }

  @Test
  void restsAlthoughSomebodyWatchesAnEventThatWaits() {
    fleet.lines("page.late = 2s");
    createQueue("1 h");
    var surveys = start().surveys();
    elsewhere.execute("create table t (x integer)");
    database.insertEvent("orders", "new", "event");
    // Surveys come each 2 s where something waits, and some later.
    Await.until(
        "nothing but beats for 5 s", PATIENCE, () -> looksWhileWatched(surveys, 5_000) == 0);
    assertThat(TestSurvey.showsWhatWaits(surveys, fleet.database())).isTrue();
  }

  private long looksWhileWatched(Surveys surveys, long millis) {
    var looks = fleet.metrics.looks();
    var end = System.nanoTime() + Duration.ofMillis(millis).toNanos();
    while (System.nanoTime() - end < 0) {
      TestSurvey.watch(surveys);
      awaitBeats(1, () -> elsewhere.execute("insert into t values (1)"));
    }
    return fleet.metrics.looks() - looks;
  }

  @Test
  void beatsOftenerWhileThereIsSomethingToSee() {
    createQueue("1 h");
    var pulse = start().pulse(fleet.database());
    var period = fleet.config().period(fleet.database());
    elsewhere.execute("create table t (x integer)");
    for (var i = 0; i < 2; i++) {
      Await.until("quiet", PATIENCE, () -> pulse.interval().equals(period));
      Await.until(
          "beats in between",
          PATIENCE,
          () -> {
            elsewhere.execute("insert into t values (1)");
            return pulse.interval().equals(period.dividedBy(4));
          });
    }
  }

  @Test
  void ticksEventsThatATickHasOverlooked() throws SQLException {
    createQueue("1 h");
    database.execute("select pgq.set_queue_config('orders', 'ticker_max_lag', '1 h')");
    start();
    try (var open = database.connect()) {
      open.setAutoCommit(false);
      try (var statement = open.createStatement()) {
        statement.execute("select pgq.insert_event('orders', 'new', 'straddling')");
      }
      var before = lastTick();
      // Takes a transaction id, so that it is seen to end.
      database.execute("select pgq.force_tick('orders') from txid_current()");
      Await.until("a tick", SOON, () -> lastTick() > before);
      open.commit();
      awaitEvent("straddling");
    }
  }

  @Test
  void ticksByTheClockWhereNothingHappens() {
    createQueue("300 ms");
    start();
    var before = lastTick();
    Await.until("idle ticks", PATIENCE, () -> lastTick() >= before + 5);
  }

  @Test
  void aNewSessionTakesTheOldOnesPlace() {
    fleet.lines("connection-lifetime = 1s");
    createQueue("50 ms");
    start();
    var leaders = new HashSet<String>();
    Await.until(
        "three sessions, one after the other",
        PATIENCE,
        () -> {
          var now = database.strings(TICKING_PIDS);
          assertThat(now).hasSizeLessThanOrEqualTo(1);
          return leaders.addAll(now) && leaders.size() == 3;
        });
    var before = lastTick();
    Await.until("ticks", PATIENCE, () -> lastTick() >= before + 3);
    assertThat(fleet.unwell()).isEmpty();
  }

  @Test
  void looksByItselfWhenThereIsNoPulse() {
    createQueue("1 h");
    startTicker(fleet.ticking());
    database.insertEvent("orders", "new", "event");
    awaitEvent("event");
    assertThat(fleet.metrics.beats()).isZero();
  }

  private void awaitEvent(String event) {
    Await.until(
        "the tick of " + event, SOON, () -> database.consume("orders", "reader").contains(event));
  }

  private void createQueue(String idlePeriod) {
    database.createQueue("orders");
    database.registerConsumer("orders", "reader");
    database.execute("select pgq.set_queue_config('orders', 'ticker_max_lag', '50 ms')");
    database.execute("select pgq.set_queue_config('orders', 'ticker_idle_period', ?)", idlePeriod);
  }

  private Ticking start() {
    var ticking = fleet.ticking();
    supervisor.start(ticking.pulse(fleet.database()));
    startTicker(ticking);
    return ticking;
  }

  private void startTicker(Ticking ticking) {
    var state =
        new DatabaseState(
            fleet.database(), fleet.config().period(fleet.database()), InstantSource.system());
    supervisor.start(
        new DatabaseTicker(fleet.database(), ticking, state, new Lifetime(Optional.empty())));
    Await.until("the lead", PATIENCE, state::leads);
  }

  /** While another database of the server is written to, so that each beat finds a change. */
  private long looksWithinTenBeats() {
    var looks = fleet.metrics.looks();
    awaitBeats(10, () -> elsewhere.execute("insert into t values (1)"));
    return fleet.metrics.looks() - looks;
  }

  private void awaitBeats(int number, Runnable meanwhile) {
    var end = fleet.metrics.beats() + number;
    Await.until(
        number + " beats",
        PATIENCE,
        () -> {
          meanwhile.run();
          return fleet.metrics.beats() >= end;
        });
  }

  private long lastTick() {
    return database.number("select max(tick_id) from pgq.tick");
  }
}
