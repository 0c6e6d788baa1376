package io.github.pgqfleet.ticker.page;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.pgqfleet.config.AdminConfig;
import io.github.pgqfleet.fixture.PgqServerExtension;
import io.github.pgqfleet.fixture.PrivateCluster;
import io.github.pgqfleet.lifecycle.Health;
import io.github.pgqfleet.metrics.AdminServer;
import io.github.pgqfleet.metrics.FleetMetrics;
import io.github.pgqfleet.sql.ConnectionSettings;
import io.github.pgqfleet.sql.Database;
import io.github.pgqfleet.sql.Sessions;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(PgqServerExtension.class)
@Execution(ExecutionMode.CONCURRENT)
class FleetPageServerIT {

  private final PrivateCluster cluster;
  private final Database database;
  private final Health health = new Health(InstantSource.system());
  private final HttpClient client = HttpClient.newHttpClient();
  private final FleetPage page;
  private final AdminServer server;
  private final int port;

  FleetPageServerIT(PrivateCluster cluster) throws IOException {
    this.cluster = cluster;
    var second = Duration.ofSeconds(30);
    var settings =
        new ConnectionSettings(
            cluster.host(),
            cluster.port(),
            "postgres",
            Optional.empty(),
            Optional.empty(),
            "disable",
            second,
            second,
            second,
            second);
    database = new Database(Database.DESTINATION_SERVER, "central", settings);
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = socket.getLocalPort();
    }
    var admin = new AdminConfig(true, "127.0.0.1", port, List.of());
    // The environment of a test is what it is; PATH is there, and nobody's secret.
    var config = new PageConfig(Duration.ofSeconds(10), Optional.of("PATH"));
    var standing = new Standing(database, "leading", Instant.EPOCH, false, null);
    page =
        new FleetPage(
            config,
            admin,
            database,
            () -> List.of(standing),
            new Surveys(config, InstantSource.system()),
            health,
            new Sessions("page test"));
    server = new AdminServer(admin, new FleetMetrics(), health, List::of, Map.of("/", page));
  }

  @BeforeEach
  void makesTheDestination() throws SQLException {
    cluster.createPgqDatabase("central");
  }

  @AfterEach
  void close() {
    server.close();
    page.close();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/",
        "/page/main.js",
        "/page/page.css",
        "/page/colours.css",
        "/page/icon.svg",
        "/page/libraries.js"
      })
  void servesThePage(String path) throws Exception {
    var answer = get(path);
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.body()).doesNotContain("${lit", "${uplot");
    assertThat(answer.headers().firstValue("Content-Security-Policy").orElseThrow())
        .startsWith("default-src 'self';");
  }

  @Test
  void servesTheLibrariesThatThePageNames() throws Exception {
    for (var part : (get("/page/libraries.js").body() + get("/").body()).split("['\"]", -1)) {
      if (part.startsWith("/webjars/")) {
        assertThat(get(part).statusCode()).as(part).isEqualTo(200);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/page/../survey.sql",
        "/page/%2e%2e/survey.sql",
        "/survey.sql",
        "/page/survey.sql",
        "/webjars/../../../logback.xml",
        "/reference.conf"
      })
  void servesNothingElse(String path) throws Exception {
    assertThat(raw("GET " + path, "127.0.0.1")).startsWith("HTTP/1.1 404");
  }

  @Test
  void refusesAnotherSitesName() throws Exception {
    assertThat(raw("GET /fleet", "rebound.example")).startsWith("HTTP/1.1 421");
    assertThat(raw("GET /fleet", "localhost:" + port)).startsWith("HTTP/1.1 200");
  }

  @Test
  void saysWhenNothingHasChanged() throws Exception {
    var first = get("/fleet");
    var tag = first.headers().firstValue("ETag").orElseThrow();
    // A step of the rates may end in between; hardly twice.
    var again = request("/fleet").header("If-None-Match", tag);
    var second = client.send(again.build(), BodyHandlers.ofString());
    if (second.statusCode() == 200) {
      second =
          client.send(
              request("/fleet")
                  .header("If-None-Match", second.headers().firstValue("ETag").orElseThrow())
                  .build(),
              BodyHandlers.ofString());
    }
    assertThat(second.statusCode()).isEqualTo(304);

    health.warn("consumer-lag", "late");
    var third = client.send(again.build(), BodyHandlers.ofString());
    assertThat(third.statusCode()).isEqualTo(200);
    assertThat(third.body()).contains("consumer-lag");
  }

  @Test
  void keepsAnAnswerUntilSomethingIsNew() throws Exception {
    var tag = get("/fleet").headers().firstValue("ETag").orElseThrow();
    var waits = request("/fleet").header("If-None-Match", tag).header("Prefer", "wait=8");
    var begin = System.nanoTime();
    var asked = client.sendAsync(waits.build(), BodyHandlers.ofString());
    health.warn("consumer-lag", "late");
    var answer = asked.get(15, TimeUnit.SECONDS);
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(7));
  }

  @Test
  void saysAfterAWhileThatNothingIsNew() throws Exception {
    // Longer together than a step of the rates, which are none.
    var tag = get("/fleet").headers().firstValue("ETag").orElseThrow();
    for (var i = 0; i < 2; i++) {
      var begin = System.nanoTime();
      var answer =
          client.send(
              request("/fleet").header("If-None-Match", tag).header("Prefer", "wait=6").build(),
              BodyHandlers.ofString());
      assertThat(answer.statusCode()).isEqualTo(304);
      assertThat(Duration.ofNanos(System.nanoTime() - begin)).isGreaterThan(Duration.ofSeconds(5));
    }
  }

  @Test
  void asksTheDestinationForAll() throws Exception {
    cluster.execute(
        "central",
        """
        select pgq.create_queue('orders');
        select pgq.register_consumer('orders', 'reader');\
        """);
    var answer = answer();
    assertThat(answer.at("/database/queues/0/name").textValue()).isEqualTo("orders");
    assertThat(answer.at("/database/consumers/0/name").textValue()).isEqualTo("reader");
    assertThat(answer.at("/database/transactions")).isEmpty();
    assertThat(answer.at("/workers")).isEmpty();
    assertThat(answer.get("movers").isNull()).isTrue();
    assertThat(answer.get("dead_letters").isNull()).isTrue();
  }

  @Test
  void answersFromMemoryWhileADatabaseHangs() throws Exception {
    cluster.freeze();
    try {
      var asked = client.sendAsync(database().build(), BodyHandlers.ofString());
      assertThat(get("/fleet").statusCode()).isEqualTo(200);
      assertThat(asked).as("the question to the database").isNotDone();
      var answer = asked.get(15, TimeUnit.SECONDS);
      assertThat(answer.statusCode()).isEqualTo(200);
      assertThat(json(answer).at("/answer/error").textValue()).isNotEmpty();
    } finally {
      cluster.thaw();
    }
  }

  @Test
  void saysWhyADatabaseDoesNotAnswer() throws Exception {
    cluster.stop();
    assertThat(answer().get("error").textValue()).contains("destination");
  }

  @Test
  void knowsOnlyTheFleetsDatabases() throws Exception {
    assertThat(get("/fleet/database?id=other%2Fpostgres").statusCode()).isEqualTo(404);
    assertThat(get("/fleet/database").statusCode()).isEqualTo(404);
  }

  @Test
  void replaysForNobodyWithoutTheToken() throws Exception {
    assertThat(replay("wrong", "{\"ids\": [1]}", "")).isEqualTo(401);
    assertThat(replay("", "{\"ids\": [1]}", "")).isEqualTo(401);
    var token = System.getenv("PATH");
    assertThat(replay(token, "{\"ids\": [1]}", "http://evil.example")).isEqualTo(403);
    assertThat(replay(token, "{\"ids\": []}", "")).isEqualTo(400);
    assertThat(replay(token, "nonsense", "")).isEqualTo(400);
    assertThat(replay(token, "{\"ids\": [1.5]}", "")).isEqualTo(400);
    // The worker's SQL is not there: it came so far.
    assertThat(replay(token, "{\"ids\": [1]}", "")).isEqualTo(502);
  }

  private int replay(String token, String body, String origin) throws Exception {
    var request =
        request("/fleet/replay")
            .header("Authorization", "Bearer " + token)
            .POST(BodyPublishers.ofString(body));
    if (!origin.isEmpty()) {
      request.header("Origin", origin);
    }
    return client.send(request.build(), BodyHandlers.ofString()).statusCode();
  }

  private JsonNode answer() throws Exception {
    return json(client.send(database().build(), BodyHandlers.ofString())).get("answer");
  }

  private HttpRequest.Builder database() {
    return request("/fleet/database?id=destination%2Fcentral");
  }

  private static JsonNode json(HttpResponse<String> answer) throws IOException {
    return new ObjectMapper().readTree(answer.body());
  }

  private HttpResponse<String> get(String path) throws Exception {
    return client.send(request(path).build(), BodyHandlers.ofString());
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path));
  }

  /** The first line of the answer; the path and the host's name go as they are. */
  private String raw(String request, String host) throws IOException {
    try (var socket = new Socket(InetAddress.getLoopbackAddress(), port);
        var answer = new InputStreamReader(socket.getInputStream(), StandardCharsets.ISO_8859_1)) {
      socket
          .getOutputStream()
          .write(
              "%s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n"
                  .formatted(request, host)
                  .getBytes(StandardCharsets.ISO_8859_1));
      var line = new char[20];
      var read = answer.read(line);
      return new String(line, 0, Math.max(0, read));
    }
  }
}
