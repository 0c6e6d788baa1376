package io.github.pgqfleet.worker;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.pgqfleet.fixture.PgqServerExtension;
import io.github.pgqfleet.fixture.TestDatabase;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** What a request has in it that is posted to a real HTTP server. */
@ExtendWith(PgqServerExtension.class)
class HttpRequestIT {

  private final TestDatabase database;
  private final WorkerFleet fleet;
  private final TestEndpoint endpoint;

  HttpRequestIT(TestDatabase database, @TempDir Path directory) throws IOException {
    this.database = database;
    this.fleet = new WorkerFleet(database, directory);
    this.endpoint = fleet.endpoint(request -> TestEndpoint.Answer.of(204));
  }

  @AfterEach
  void stopsWorkers() throws InterruptedException {
    fleet.stopAll();
  }

  @Test
  void postsTheEventsOfABatchWithAllTheirColumns() throws Exception {
    start("headers { X-Token = secret }");
    database.execute(
        "select pgq.insert_event('orders', 'paid', 'a \"b\"', 'one', null, 'three', null)");
    database.tick("orders");
    fleet.awaitDrained();

    var request = endpoint.requests().getFirst();
    var event = request.path("events").get(0);
    assertThat(endpoint.requests()).hasSize(1);
    assertThat(request.path("queue").asText()).isEqualTo("orders");
    assertThat(request.path("consumer").asText()).isEqualTo("workers");
    assertThat(request.path("batch").isIntegralNumber()).isTrue();
    var row =
        database.rows(
            r -> List.of(r.getLong(1), r.getLong(2), r.getString(3)),
            """
            select ev_id, ev_txid, to_char(ev_time at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS')
              from pgq.event_template\
            """);
    assertThat(row)
        .containsExactly(
            List.of(
                event.path("id").asLong(),
                event.path("txid").asLong(),
                event.path("time").asText().substring(0, 19)));
    assertThat(
            new ObjectMapper()
                .readTree(
                    """
                    {"retry": 0, "type": "paid", "data": "a \\"b\\"", "extra1": "one",
                     "extra2": null, "extra3": "three", "extra4": null}\
                    """))
        .isEqualTo(((ObjectNode) event.deepCopy()).remove(List.of("id", "txid", "time")));
  }

  @Test
  void putsDecodedPayloadsIntoTheRequest() throws Exception {
    start("decode = json");
    database.insertEvents("orders", "t", List.of("{\"a\": [1.10, null]}", "\"text\"", "17"));
    database.tick("orders");
    fleet.awaitDrained();

    assertThat(endpoint.handled().stream().map(event -> event.path("data").toString()))
        .containsExactly("{\"a\":[1.10,null]}", "\"text\"", "17");
  }

  @Test
  void putsRowsOfLogutrigaIntoTheRequestAsObjects() throws Exception {
    start("decode = urlencoded");
    database.execute(
        """
        create table customer (id int primary key, name text, note text, "odd name" text);
        create trigger log after insert or update on customer
          for each row execute function pgq.logutriga('orders');
        insert into customer values (1, 'A&B = C%', null, 'x+y z');
        """);
    database.tick("orders");
    fleet.awaitDrained();

    assertThat(endpoint.handled().getFirst().path("data"))
        .isEqualTo(
            new ObjectMapper()
                .readTree(
                    "{\"id\": \"1\", \"name\": \"A&B = C%\", \"note\": null, \"odd name\": \"x+y"
                        + " z\"}"));
  }

  private void start(String options) throws IOException {
    fleet.start(WorkerFleet.http(endpoint, 1, options));
  }
}
