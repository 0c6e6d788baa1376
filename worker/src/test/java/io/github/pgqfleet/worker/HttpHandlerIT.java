package io.github.pgqfleet.worker;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgqfleet.fixture.Await;
import io.github.pgqfleet.fixture.PgqServerExtension;
import io.github.pgqfleet.fixture.TestDatabase;
import io.github.pgqfleet.worker.TestEndpoint.Answer;
import io.github.pgqfleet.worker.coop.PgqCoop;
import io.github.pgqfleet.worker.coop.SubConsumerId;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** A queue whose events are posted to a real HTTP server. */
@ExtendWith(PgqServerExtension.class)
class HttpHandlerIT {

  private final TestDatabase database;
  private final WorkerFleet fleet;

  HttpHandlerIT(TestDatabase database, @TempDir Path directory) {
    this.database = database;
    this.fleet = new WorkerFleet(database, directory);
  }

  @AfterEach
  void stopsWorkers() throws InterruptedException {
    fleet.stopAll();
  }

  @Test
  void sendsALargeBatchInPartsAndEachEventOnce() throws Exception {
    var endpoint = fleet.endpoint(request -> Answer.of(204));
    start(endpoint, "events-per-call = 1000");
    database.execute(
        "select count(pgq.insert_event('orders', 'test', n::text)) from generate_series(1, 25500)"
            + " n");
    database.tick("orders");
    fleet.awaitDrained();

    assertThat(endpoint.requests()).hasSize(26);
    assertThat(endpoint.handledData()).containsExactlyElementsOf(WorkerFleet.numbers(1, 25_500));
  }

  @Test
  void sendsEventsOneByOneInTheirOrder() throws Exception {
    var endpoint = fleet.endpoint(request -> Answer.of(204));
    start(endpoint, "per = event");
    fleet.tickWith(1, 50);
    fleet.awaitDrained();

    assertThat(endpoint.requests()).hasSize(50);
    assertThat(endpoint.handledData()).containsExactlyElementsOf(WorkerFleet.numbers(1, 50));
  }

  @Test
  void sendsNoMoreAtOnceThanAllowedOverAllWorkersOfTheQueue() throws Exception {
    var three = new CyclicBarrier(3);
    var now = new AtomicInteger();
    var most = new AtomicInteger();
    var endpoint =
        fleet.endpoint(
            request -> {
              most.accumulateAndGet(now.incrementAndGet(), Math::max);
              three.await(20, TimeUnit.SECONDS);
              now.decrementAndGet();
              return Answer.of(200);
            });
    fleet.provision(fleet.conf(WorkerFleet.http(endpoint, 2, "")));
    fleet.tickWith(1, 5);
    fleet.tickWith(6, 9);
    fleet.start(WorkerFleet.http(endpoint, 2, "per = event, concurrency = 8, max-in-flight = 3"));
    fleet.awaitDrained();

    assertThat(endpoint.handledData())
        .containsExactlyInAnyOrderElementsOf(WorkerFleet.numbers(1, 9));
    assertThat(most).hasValue(3);
  }

  @Test
  void hasNoTransactionOpenWhileItCalls() throws Exception {
    var states = new AtomicReference<List<String>>();
    var endpoint =
        fleet.endpoint(
            request -> {
              states.set(
                  database.strings(
                      """
                      select coalesce(state, '') from pg_stat_activity
                       where datname = current_database() and application_name like 'pgq-fleet worker %'
                         and (state like 'idle in transaction%' or backend_xid is not null)\
                      """));
              return Answer.of(200);
            });
    fleet.provision(fleet.conf(WorkerFleet.http(endpoint, 1, "")));
    fleet.tickWith(1, 3);
    fleet.start(
        "poll-interval = 1h, "
            + WorkerFleet.http(endpoint, 1, "").substring(WorkerFleet.QUICK.length()));
    fleet.awaitDrained();

    assertThat(states.get()).isEmpty();
  }

  @Test
  void givesUpACallWhoseBatchIsLost() throws Exception {
    var entered = new CountDownLatch(1);
    var release = new CountDownLatch(1);
    var endpoint =
        fleet.endpoint(
            request -> {
              if (TestEndpoint.events(request).getFirst().path("data").asInt() == 1) {
                entered.countDown();
                release.await();
              }
              return Answer.of(200);
            });
    fleet.start(
        "dead-interval = 1h, heartbeat-interval = 50ms, "
            + WorkerFleet.http(endpoint, 1, "timeout = 10m"));
    fleet.tickWith(1, 1);
    entered.await();
    try (var connection = database.connect()) {
      var other = new PgqCoop(connection);
      long taken =
          other
              .nextBatch(new SubConsumerId("orders", "workers", "other"), Duration.ZERO)
              .orElseThrow();
      fleet.tickWith(2, 2);
      Await.until(
          "the next batch to be handled",
          WorkerFleet.SOON,
          () -> endpoint.handledData().contains("2"));
      assertThat(other.finishBatch(taken)).isTrue();
    } finally {
      release.countDown();
    }
    fleet.awaitDrained();
    assertThat(endpoint.requests()).hasSize(2);
  }

  private void start(TestEndpoint endpoint, String options) throws IOException {
    fleet.start(WorkerFleet.http(endpoint, 1, options));
  }
}
