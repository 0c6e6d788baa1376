package io.github.pgqfleet.worker;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgqfleet.fixture.PgqServerExtension;
import io.github.pgqfleet.fixture.TestDatabase;
import io.github.pgqfleet.worker.TestEndpoint.Answer;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code worker.jar} with a handler outside the database, killed and stopped in the midst of it.
 */
@ExtendWith(PgqServerExtension.class)
class OutsideFaultIT {

  private final TestDatabase database;
  private final WorkerFleet fleet;
  private final CountDownLatch entered = new CountDownLatch(1);
  private final CountDownLatch release = new CountDownLatch(1);

  OutsideFaultIT(TestDatabase database, @TempDir Path directory) {
    this.database = database;
    this.fleet = new WorkerFleet(database, directory);
  }

  @AfterEach
  void stopsWorkers() throws InterruptedException {
    release.countDown();
    fleet.stopAll();
  }

  @Test
  void losesNothingWhenKilledInACallAndSendsOnlyThatBatchAgain() throws Exception {
    try (var endpoint = waitingAt(16)) {
      var conf = fleet.conf(http(endpoint));
      fleet.provision(conf);
      fleet.tickWith(1, 10);
      fleet.tickWith(11, 20);
      var worker = fleet.startProcess(conf);
      entered.await();
      worker.kill9();
      release.countDown();

      fleet.startProcess(conf);
      fleet.awaitDrained();

      assertThat(new HashSet<>(endpoint.handledData()))
          .isEqualTo(new HashSet<>(WorkerFleet.numbers(1, 20)));
      assertThat(endpoint.handledData().subList(0, 15))
          .containsExactlyElementsOf(WorkerFleet.numbers(1, 15));
      assertThat(endpoint.handledData().subList(15, endpoint.handledData().size()))
          .containsAll(WorkerFleet.numbers(11, 20))
          .doesNotContainAnyElementsOf(WorkerFleet.numbers(1, 10));
    }
  }

  @Test
  void finishesItsBatchWhenItIsAskedToStop() throws Exception {
    try (var endpoint = waitingAt(6)) {
      var conf = fleet.conf(http(endpoint));
      fleet.provision(conf);
      fleet.tickWith(1, 10);
      var worker = fleet.startProcess(conf);
      entered.await();
      worker.terminate();
      worker.awaitLine("event=stopping", WorkerFleet.SOON);
      release.countDown();

      assertThat(worker.exitCode(WorkerFleet.SOON)).isZero();
      assertThat(endpoint.handledData()).containsExactlyElementsOf(WorkerFleet.numbers(1, 10));
      assertThat(fleet.members()).isEqualTo(List.of("workers"));
      assertThat(database.number("select count(sub_batch) from pgq.subscription")).isZero();
    }
  }

  /** Takes everything, but waits before it answers a request that has this event first. */
  private TestEndpoint waitingAt(int data) throws Exception {
    return new TestEndpoint(
        request -> {
          if (TestEndpoint.events(request).getFirst().path("data").asInt() == data) {
            entered.countDown();
            release.await();
          }
          return Answer.of(200);
        });
  }

  private static String http(TestEndpoint endpoint) {
    return WorkerFleet.QUICK
        + "queues { orders { handler { type = http, url = \"%s\", events-per-call = 5 } } }"
            .formatted(endpoint.url());
  }
}
