package io.github.pgqfleet.worker;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import io.github.pgqfleet.fixture.Await;
import io.github.pgqfleet.fixture.PgqServerExtension;
import io.github.pgqfleet.fixture.TestDatabase;
import io.github.pgqfleet.worker.TestEndpoint.Answer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** An HTTP endpoint that takes nothing just now, or cannot be reached. */
@ExtendWith(PgqServerExtension.class)
class HttpWaitIT {

  private final TestDatabase database;
  private final WorkerFleet fleet;
  private final Path directory;

  HttpWaitIT(TestDatabase database, @TempDir Path directory) {
    this.database = database;
    this.fleet = new WorkerFleet(database, directory);
    this.directory = directory;
  }

  @AfterEach
  void stopsWorkers() throws InterruptedException {
    fleet.stopAll();
  }

  @Test
  void waitsWhileTheEndpointTakesNothingAndSendsNothingTwice() throws Exception {
    var refusals = new AtomicInteger();
    var endpoint =
        fleet.endpoint(
            request -> {
              var second = TestEndpoint.events(request).getFirst().path("data").asInt() == 11;
              return second && refusals.getAndIncrement() < 2 ? Answer.of(503) : Answer.of(200);
            });
    start(endpoint, "events-per-call = 10");
    fleet.tickWith(1, 30);
    fleet.awaitDrained();

    assertThat(refusals.get()).isGreaterThanOrEqualTo(3);
    assertThat(endpoint.requests()).hasSize(5);
    assertThat(endpoint.handledData()).containsExactlyElementsOf(WorkerFleet.numbers(1, 30));
  }

  @Test
  void sendsNothingTwiceToAnEndpointThatTakesFewEventsAtATime() throws Exception {
    var requests = new AtomicInteger();
    // Each sixth request finds it busy, whichever of those that come at once that is.
    var endpoint =
        fleet.endpoint(request -> Answer.of(requests.incrementAndGet() % 6 == 0 ? 429 : 200));
    start(endpoint, "per = event, concurrency = 4");
    fleet.tickWith(1, 25);
    fleet.awaitDrained();

    assertThat(endpoint.handledData())
        .containsExactlyInAnyOrderElementsOf(WorkerFleet.numbers(1, 25));
  }

  @Test
  void keepsItsBatchWhileTheEndpointWantsNotToBeCalled() throws Exception {
    var endpoint =
        fleet.endpoint(
            request ->
                TestEndpoint.events(request).getFirst().path("data").asInt() == 1
                    ? Answer.of(200)
                    : new Answer(429, "", Map.of("Retry-After", "3600")));
    fleet.start(
        "dead-interval = 400ms, heartbeat-interval = 50ms, "
            + WorkerFleet.http(endpoint, 1, "events-per-call = 10"));
    fleet.tickWith(1, 30);
    Await.until("the refusal", WorkerFleet.SOON, () -> endpoint.requests().size() == 2);

    // Long after the dead interval: a sibling would begin it anew.
    fleet.awaitSignsOfLife();
    fleet.stopAll();

    assertThat(endpoint.requests()).hasSize(2);
    assertThat(fleet.members()).containsExactly("workers", "workers.test_1");
  }

  @Test
  void doesNotCallBeforeTheEndpointWantsToBeCalledAgain() throws Exception {
    var times = new ArrayList<Instant>();
    var endpoint =
        fleet.endpoint(
            request -> {
              times.add(Instant.now());
              return times.size() == 1
                  ? new Answer(429, "", Map.of("Retry-After", "3"))
                  : Answer.of(200);
            });
    start(endpoint, "");
    fleet.tickWith(1, 3);
    fleet.awaitDrained();

    assertThat(endpoint.handledData()).containsExactly("1", "2", "3");
    assertThat(times).hasSize(2);
    assertThat(Duration.between(times.getFirst(), times.getLast()))
        .isGreaterThanOrEqualTo(Duration.ofMillis(2_990));
  }

  @Test
  void waitsUntilTheEndpointIsThere() throws Exception {
    var gone = TestEndpoint.willing();
    gone.close();
    start(gone, "");
    fleet.tickWith(1, 3);
    Await.until(
        "the batch to be open",
        WorkerFleet.SOON,
        () -> database.number("select count(sub_batch) from pgq.subscription") == 1);
    fleet.stopAll();

    var endpoint = fleet.endpoint(request -> Answer.of(204));
    start(endpoint, "");
    fleet.awaitDrained();

    assertThat(endpoint.handledData()).containsExactly("1", "2", "3");
  }

  @Test
  void blamesNoEventWhenItDoesNotTrustTheEndpoint() throws Exception {
    var endpoint = untrusted();
    endpoint.start();
    try {
      var conf =
          WorkerFleet.QUICK
              + "queues { orders { handler { type = http, url = \"https://localhost:%d/\" } } }"
                  .formatted(endpoint.getAddress().getPort());
      fleet.provision(fleet.conf(conf));
      fleet.tickWith(1, 3);
      var worker = fleet.startProcess(fleet.conf(conf));
      worker.awaitLine("event=failed .*cannot be reached", WorkerFleet.SOON);
    } finally {
      endpoint.stop(0);
    }

    assertThat(database.number("select count(sub_batch) from pgq.subscription")).isOne();
    assertThat(database.number("select count(*) from pgq.retry_queue")).isZero();
  }

  /** One whose certificate nobody has signed. */
  private HttpsServer untrusted() throws Exception {
    var store = directory.resolve("keys");
    var secret = "test-only";
    var keytool =
        new ProcessBuilder(
            (Path.of(System.getProperty("java.home"), "bin", "keytool")
                    + " -genkeypair -keyalg EC -alias test -dname CN=localhost -ext"
                    + " san=dns:localhost -keystore "
                    + store
                    + " -storepass "
                    + secret)
                .split(" "));
    assertThat(keytool.inheritIO().start().waitFor()).isZero();
    var managers = KeyManagerFactory.getInstance("PKIX");
    managers.init(KeyStore.getInstance(store.toFile(), secret.toCharArray()), secret.toCharArray());
    var context = SSLContext.getInstance("TLS");
    context.init(managers.getKeyManagers(), null, null);
    var server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setHttpsConfigurator(new HttpsConfigurator(context));
    return server;
  }

  private void start(TestEndpoint endpoint, String options) throws IOException {
    fleet.start(WorkerFleet.http(endpoint, 1, options));
  }
}
