package io.github.pgqfleet.ticker;

import static io.github.pgqfleet.ticker.TestFleet.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;

import com.codahale.metrics.Counter;
import io.github.pgqfleet.fixture.Await;
import io.github.pgqfleet.fixture.OnEachServer;
import io.github.pgqfleet.fixture.PgqServerExtension;
import io.github.pgqfleet.fixture.TestDatabase;
import io.github.pgqfleet.lifecycle.Supervisor;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Two tickers of one database, each with a supervisor as if in a process of its own. */
@ExtendWith(PgqServerExtension.class)
@OnEachServer
class DatabaseTickerIT {

  private static final String NOTIFY_FAILURE = "notify ";

  private final TestDatabase database;
  private final TestFleet fleet;
  private final Contender first;
  private final Contender second;

  DatabaseTickerIT(TestDatabase database, @TempDir Path directory) {
    this.database = database;
    this.fleet = new TestFleet(directory, database).lines("retry-period = 100ms");
    this.first = new Contender();
    this.second = new Contender();
  }

  private final class Contender {
    private final Supervisor supervisor = new Supervisor(fleet.health, new Counter());
    private final DatabaseState state =
        new DatabaseState(
            fleet.database(), fleet.config().period(fleet.database()), InstantSource.system());

    void start() {
      supervisor.start(
          new DatabaseTicker(
              fleet.database(), fleet.ticking(), state, new Lifetime(Optional.empty())));
    }

    void stop() throws InterruptedException {
      assertThat(supervisor.stop(PATIENCE)).isTrue();
    }

    void awaitRole(DatabaseState.Role role) {
      Await.until("role " + role, PATIENCE, () -> state.role() == role);
    }
  }

  @BeforeEach
  void createQueueThatIsAlwaysDue() {
    database.createQueue("orders");
    database.execute("select pgq.set_queue_config('orders', 'ticker_max_lag', '1 ms')");
    database.execute("select pgq.set_queue_config('orders', 'ticker_idle_period', '1 ms')");
  }

  @AfterEach
  void stopBoth() throws InterruptedException {
    first.stop();
    second.stop();
  }

  @Test
  void standsByAndTakesOverWhenTheLeaderStops() throws InterruptedException {
    first.start();
    first.awaitRole(DatabaseState.Role.LEADING);
    second.start();
    second.awaitRole(DatabaseState.Role.STANDBY);
    awaitTicks(5);
    assertThat(second.state.view().ticks()).isZero();
    assertThat(second.state.view().lastLook()).isNull();

    first.stop();
    second.awaitRole(DatabaseState.Role.LEADING);
    awaitTicks(5);
  }

  @Test
  void exactlyOneTicksAfterTheLeadersSessionDied() {
    first.start();
    first.awaitRole(DatabaseState.Role.LEADING);
    second.start();
    second.awaitRole(DatabaseState.Role.STANDBY);
    database.execute(
        """
        select pg_terminate_backend(pid) from pg_locks
         where locktype = 'advisory' and objid = 1
           and database = (select oid from pg_database where datname = current_database())""");
    Await.until(
        "one to lead and the other to stand by",
        PATIENCE,
        () ->
            first.state.leads() != second.state.leads()
                && first.state.role() != DatabaseState.Role.CONNECTING
                && second.state.role() != DatabaseState.Role.CONNECTING);
    awaitTicks(5);
  }

  @Test
  void holdsNoSnapshotWhileItStandsBy() {
    first.start();
    first.awaitRole(DatabaseState.Role.LEADING);
    second.start();
    second.awaitRole(DatabaseState.Role.STANDBY);
    Await.until(
        "all tickers' sessions to be idle at once",
        PATIENCE,
        () ->
            database.number(
                    """
                    select count(*) filter (where state = 'idle' and backend_xmin is null)
                      from pg_stat_activity
                     where datname = current_database()
                       and application_name like 'pgq-fleet ticker@%'""")
                == 2);
  }

  @Test
  void aFailingNotifyCostsNoTickAndIsNamed() {
    // NOTIFY refuses a payload of 8,000 bytes; a queue may have such a name.
    database.execute("select pgq.create_queue(repeat('x', 8100))");
    database.execute("update pgq.queue set queue_ticker_idle_period = '1 ms'");
    first.start();
    Await.until(
        "the failure to be named",
        PATIENCE,
        () -> fleet.unwell().stream().anyMatch(p -> p.startsWith(NOTIFY_FAILURE)));
    Await.until(
        "ticks of the queue with the long name",
        PATIENCE,
        () -> database.number("select count(*) from pgq.tick where tick_queue = 2") >= 2);
    awaitTicks(3);
    assertThat(fleet.unwell()).allMatch(p -> p.startsWith(NOTIFY_FAILURE));
  }

  private void awaitTicks(int more) {
    var before = ticks();
    Await.until(more + " more ticks", Duration.ofSeconds(20), () -> ticks() >= before + more);
  }

  private long ticks() {
    return database.number("select max(tick_id) from pgq.tick where tick_queue = 1");
  }
}
