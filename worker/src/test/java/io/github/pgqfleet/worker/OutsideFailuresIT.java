package io.github.pgqfleet.worker;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgqfleet.fixture.Await;
import io.github.pgqfleet.fixture.PgqServerExtension;
import io.github.pgqfleet.fixture.TestDatabase;
import io.github.pgqfleet.worker.TestEndpoint.Answer;
import io.github.pgqfleet.worker.TestEndpoint.Answering;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Events that an HTTP endpoint or a command cannot handle. */
@ExtendWith(PgqServerExtension.class)
class OutsideFailuresIT {

  private static final String TWO_ATTEMPTS = "retry { attempts = 2, first-delay = 1ms }, ";

  private final TestDatabase database;
  private final WorkerFleet fleet;
  private final Path directory;

  OutsideFailuresIT(TestDatabase database, @TempDir Path directory) {
    this.database = database;
    this.fleet = new WorkerFleet(database, directory);
    this.directory = directory;
  }

  @AfterEach
  void stopsWorkers() throws InterruptedException {
    fleet.stopAll();
  }

  @Test
  void retriesTheEventsThatAnAnswerNamesAndBuriesThoseThatItCallsDead() throws Exception {
    var endpoint =
        start(
            "",
            request -> {
              var failed =
                  TestEndpoint.events(request).stream()
                      .filter(event -> List.of("2", "4").contains(event.path("data").asText()))
                      .map(
                          event ->
                              "{\"id\": %d, \"error\": \"no %s\", \"dead\": %s}"
                                  .formatted(
                                      event.path("id").asLong(),
                                      event.path("data").asText(),
                                      event.path("data").asText().equals("4")))
                      .collect(Collectors.joining(","));
              return new Answer(200, "{\"failed\": [" + failed + "]}", Map.of());
            });
    fleet.tickWith(1, 5);
    fleet.awaitDrained();
    assertThat(deadLetters()).containsExactly("4 1 no 4");
    assertThat(retryQueue()).containsExactly("2");

    bringBackRetries();
    fleet.awaitDrained();

    assertThat(endpoint.handledData()).containsExactly("1", "2", "3", "4", "5", "2");
    assertThat(endpoint.handled().getLast().path("retry").asInt()).isOne();
    assertThat(deadLetters()).containsExactly("2 2 no 2", "4 1 no 4");
    assertThat(retryQueue()).isEmpty();
  }

  @Test
  void takesTheStatusOfARequestForTheFailureOfItsEvent() throws Exception {
    var endpoint =
        start(
            "per = event",
            request ->
                switch (request.path("event").path("data").asText()) {
                  case "1" -> Answer.of(500);
                  case "2" -> Answer.of(422);
                  default -> Answer.of(200);
                });
    fleet.tickWith(1, 4);
    fleet.awaitDrained();

    assertThat(endpoint.handledData()).containsExactly("3", "4");
    assertThat(retryQueue()).containsExactly("1");
    assertThat(deadLetters()).containsExactly("2 1 " + endpoint.url() + " answers 422");
  }

  @Test
  void putsAsideAHundredThousandEventsOfABatchWithoutBeginningItAnew() throws Exception {
    var endpoint = start("events-per-call = 10000", request -> Answer.of(500));
    database.execute(
        "select count(pgq.insert_event('orders', 'test', n::text)) from generate_series(1, 100000)"
            + " n");
    database.tick("orders");
    fleet.awaitDrained();

    assertThat(endpoint.requests()).hasSize(10);
    assertThat(database.number("select count(distinct ev_id) from pgq.retry_queue"))
        .isEqualTo(100_000);
    assertThat(database.number("select count(*) from pgq_fleet.dead_letter")).isZero();
  }

  @Test
  void takesNoAnswerInTimeForTheFailureOfItsEvents() throws Exception {
    var endpoint =
        start(
            "per = event, timeout = 300ms",
            request -> {
              if (request.path("event").path("data").asText().equals("1")) {
                new java.util.concurrent.CountDownLatch(1).await();
              }
              return Answer.of(200);
            });
    fleet.tickWith(1, 2);
    fleet.awaitDrained();

    assertThat(endpoint.handledData()).containsExactly("2");
    assertThat(retryQueue()).containsExactly("1");
  }

  @Test
  void buriesAnEventWhosePayloadCannotBeDecodedAndHandlesTheOthers() throws Exception {
    var endpoint = start("decode = json", request -> Answer.of(200));
    database.insertEvents("orders", "t", List.of("1", "{\"secret", "3"));
    database.tick("orders");
    fleet.awaitDrained();

    assertThat(endpoint.handledData()).containsExactly("1", "3");
    assertThat(database.strings("select error from pgq_fleet.dead_letter"))
        .singleElement()
        .asString()
        .startsWith("ev_data of event ")
        .contains("is no JSON, line 1 column")
        .doesNotContain("secret");
  }

  @Test
  void takesTheExitCodeOfACommandForTheFailureOfItsEvents() throws Exception {
    Files.writeString(
        directory.resolve("take"),
        """
        read line
        case $line in
          *'"data":"1"'*) exit 65;;
          *'"data":"2"'*) echo 'it broke' >&2; exit 3;;
          *'"data":"3"'*) echo '{"failed": [{"id": 3, "error": "said so"}]}';;
          *'"data":"4"'*) sleep 1000;;
        esac
        echo "$line" >> out
        """);
    fleet.start(
        WorkerFleet.QUICK
            + TWO_ATTEMPTS
            + "queues { orders { handler { type = command, per = event, timeout = 1s,"
            + " command = [ sh, -c, \"cd %s; . ./take\" ] } } }".formatted(directory));
    fleet.tickWith(1, 5);
    Await.until(
        "all to be put aside",
        WorkerFleet.SOON,
        () -> retryQueue().size() + deadLetters().size() == 4);
    fleet.awaitDrained();

    assertThat(deadLetters()).containsExactly("1 1 sh ended with exit code 65");
    assertThat(retryQueue()).containsExactly("2", "3", "4");
    assertThat(Files.readString(directory.resolve("out")))
        .contains("\"data\":\"5\"")
        .doesNotContain("\"data\":\"1\"", "\"data\":\"2\"", "\"data\":\"4\"");
  }

  private TestEndpoint start(String options, Answering answering) throws IOException {
    var endpoint = fleet.endpoint(answering);
    fleet.start(TWO_ATTEMPTS + WorkerFleet.http(endpoint, 1, options));
    return endpoint;
  }

  private List<String> deadLetters() {
    return database.strings(
        "select concat_ws(' ', ev_data, attempts, error) from pgq_fleet.dead_letter order by 1");
  }

  private List<String> retryQueue() {
    return database.strings("select ev_data from pgq.retry_queue order by ev_data");
  }

  private void bringBackRetries() {
    Await.until(
        "the retries to be due",
        WorkerFleet.SOON,
        () -> {
          database.execute("select pgq.maint_retry_events()");
          return retryQueue().isEmpty();
        });
    database.tick("orders");
  }
}
