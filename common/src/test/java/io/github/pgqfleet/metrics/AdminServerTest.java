package io.github.pgqfleet.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.codahale.metrics.Counter;
import io.github.pgqfleet.config.AdminConfig;
import io.github.pgqfleet.fixture.Await;
import io.github.pgqfleet.lifecycle.Health;
import io.github.pgqfleet.lifecycle.Service;
import io.github.pgqfleet.lifecycle.ServiceContext;
import io.github.pgqfleet.lifecycle.Supervisor;
import io.github.pgqfleet.sql.ConnectionSettings;
import io.github.pgqfleet.sql.Database;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.logging.Logger;
import javax.management.ObjectName;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class AdminServerTest {

  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private static final MetricDefinition EVENTS =
      MetricDefinition.counter("test_events_total", "Events so far.", "queue");
  private static final MetricDefinition LAG =
      MetricDefinition.gaugeOfDatabase("test_lag_seconds", "How far behind.");
  private static final MetricDefinition TIME =
      MetricDefinition.summary("test_time_seconds", "How long it took.");

  private final FleetMetrics metrics = new FleetMetrics();
  private final Health health = new Health(InstantSource.system());
  private final AdminServer server;

  AdminServerTest() throws IOException {
    server =
        new AdminServer(new AdminConfig(true, "127.0.0.1", 0, List.of()), metrics, health, Map::of);
  }

  @AfterEach
  void stop() {
    Logger.getLogger("com.sun.net.httpserver").setFilter(null);
    server.close();
  }

  @Test
  void showsEachSeriesOfAMetricWithItsLabels() throws Exception {
    metrics.counter(EVENTS, "orders").inc(3);
    metrics.counter(EVENTS, "mails \"a\\b\"").inc();
    metrics.counter(EVENTS, "orders").inc();
    metrics.timer(TIME).update(Duration.ofMillis(1500));
    metrics.timer(TIME).update(Duration.ofMillis(500));

    assertThat(lines())
        .contains(
            "# HELP test_events_total Events so far.",
            "# TYPE test_events_total counter",
            "test_events_total{queue=\"orders\"} 4.0",
            "test_events_total{queue=\"mails \\\"a\\\\b\\\"\"} 1.0",
            "# TYPE test_time_seconds summary",
            "test_time_seconds_count 2",
            "test_time_seconds_sum 2.0",
            "test_time_seconds{quantile=\"0.99\"} 1.5");
  }

  @Test
  void compressesNoMetricsAlthoughWhoAsksWouldTakeThem() throws Exception {
    metrics.counter(EVENTS, "orders").inc();

    assertThat(raw("GET %s HTTP/1.0\r\nAccept-Encoding: gzip\r\n\r\n", "/metrics"))
        .contains("test_events_total{queue=\"orders\"} 1.0")
        .doesNotContainIgnoringCase("Content-Encoding");
  }

  @Test
  void leavesOutWhatHasNoValueJustNow() throws Exception {
    var known = database("known");
    metrics.gauge(LAG, known, () -> 1.5);
    metrics.gauge(LAG, database("unknown"), () -> null);

    assertThat(samples("test_lag"))
        .containsExactly("test_lag_seconds{database=\"known\",server=\"db01\"} 1.5");
  }

  @Test
  void removesWhatBelongsToADatabaseThatHasLeft() throws Exception {
    metrics.gauge(LAG, database("stays"), () -> 1);
    metrics.gauge(LAG, database("leaves"), () -> 2);
    assertThat(samples("test_lag")).hasSize(2);

    metrics.remove(database("leaves"));

    assertThat(samples("test_lag")).singleElement().asString().contains("stays");
    assertThat(ManagementFactory.getPlatformMBeanServer().isRegistered(mbean("leaves"))).isFalse();
    assertThat(ManagementFactory.getPlatformMBeanServer().getAttribute(mbean("stays"), "Value"))
        .isEqualTo(1);
  }

  @Test
  void refusesWhatIsNotAsTheCatalogueSays() {
    assertThatThrownBy(() -> metrics.counter(LAG, "db01", "app"))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> metrics.counter(EVENTS)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void isHealthyWhenNothingIsWrongAndAliveAndReadyEvenSo() throws Exception {
    assertThat(get("/healthz").body()).isEqualTo("ok\n");

    health.report("db01/app", "connection refused");
    health.warn("lag db01/app", "30m");

    var sick = get("/healthz");
    assertThat(sick.statusCode()).isEqualTo(503);
    assertThat(sick.body().lines())
        .satisfiesExactly(
            line -> assertThat(line).startsWith("db01/app: connection refused (since "),
            line -> assertThat(line).startsWith("warning: lag db01/app: 30m (since "));
    assertThat(get("/livez").statusCode()).isEqualTo(200);
    assertThat(get("/readyz").statusCode()).isEqualTo(200);
  }

  @Test
  void answersHeadWithTheSameStatusAndNoBodyAndWithoutAWordInTheLog() throws Exception {
    var complaints = new CopyOnWriteArrayList<String>();
    var log = Logger.getLogger("com.sun.net.httpserver");
    log.setFilter(line -> !complaints.add(line.getMessage()));
    for (var path : List.of("/livez", "/readyz", "/healthz", "/status", "/metrics")) {
      assertThat(raw("HEAD %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", path))
          .as(path)
          .startsWith("HTTP/1.1 200 OK\r\n")
          .endsWith("\r\n\r\n");
    }
    health.report("db01/app", "connection refused");
    assertThat(raw("HEAD %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", "/healthz"))
        .startsWith("HTTP/1.1 503 ");
    assertThat(complaints).isEmpty();
  }

  @Test
  void tellsNothingUnderAnotherSitesName() throws Exception {
    for (var path : List.of("/livez", "/readyz", "/healthz", "/status", "/metrics")) {
      assertThat(raw("GET %s HTTP/1.1\r\nHost: rebound.example\r\nConnection: close\r\n\r\n", path))
          .as(path)
          .startsWith("HTTP/1.1 421 ");
      assertThat(raw("GET %s HTTP/1.0\r\n\r\n", path)).as(path).contains(" 200 OK\r\n");
    }
  }

  @Test
  void refusesMoreConnectionsThanItsBoundAndGoesOnAfterThem() throws Exception {
    var sockets = new ArrayList<Socket>();
    try {
      for (var i = 0; i < 300; i++) {
        sockets.add(connect());
      }
      assertThat(isRefused(sockets.getLast())).isTrue();
      assertThat(ask(sockets.get(100), "GET %s HTTP/1.0\r\n\r\n", "/livez")).contains(" 200 OK");
    } finally {
      for (var socket : sockets) {
        socket.close();
      }
    }
    Await.until(
        "an answer",
        PATIENCE,
        () -> {
          try (var socket = connect()) {
            return !isRefused(socket);
          }
        });
  }

  private static boolean isRefused(Socket socket) throws IOException {
    try {
      return ask(socket, "GET %s HTTP/1.0\r\n\r\n", "/livez").isEmpty();
    } catch (SocketException e) {
      return true;
    }
  }

  @Test
  void endsARequestThatNeverBecomesWhole() throws Exception {
    try (var socket = connect()) {
      socket.getOutputStream().write(bytes("GET /livez HTTP/1.1\r\nHost: local"));
      assertThat(socket.getInputStream().readAllBytes()).isEmpty();
    }
  }

  private Socket connect() throws IOException {
    return new Socket(InetAddress.getLoopbackAddress(), server.port());
  }

  private String raw(String request, String path) throws IOException {
    try (var socket = connect()) {
      return ask(socket, request, path);
    }
  }

  /** The whole answer to a request that is sent as it stands here; empty when there is none. */
  private static String ask(Socket socket, String request, String path) throws IOException {
    socket.getOutputStream().write(bytes(request.formatted(path)));
    return new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  /** Fails at each permit of one, succeeds at each of the other. */
  private record Essential(Semaphore failures, Semaphore successes) implements Service {

    @Override
    public String name() {
      return "heart";
    }

    @Override
    public Part part() {
      return Part.ESSENTIAL;
    }

    @Override
    public Duration longestPause() {
      return Duration.ofMillis(1);
    }

    @Override
    public boolean interruptible() {
      return true;
    }

    @Override
    public void run(ServiceContext context) throws InterruptedException {
      while (!failures.tryAcquire()) {
        if (successes.tryAcquire()) {
          context.succeeded();
        }
        context.sleep(Duration.ofMillis(5));
      }
      throw new IllegalStateException("no pulse");
    }
  }

  @Test
  void isReadyWhenAllThatIsAwaitedHasBegunAndTheEssentialDoesNotFail() throws Exception {
    var supervisor = new Supervisor(health, new Counter());
    var essential = new Essential(new Semaphore(0), new Semaphore(0));
    var turn = new CountDownLatch(1);
    supervisor.start(essential);
    supervisor.start(new Awaited(turn));

    awaitReadyz("awaited: has not begun yet", "heart: has not begun yet");
    turn.countDown();
    awaitReadyz("heart: has not begun yet");
    essential.failures().release();
    awaitReadyz("heart: no pulse");
    essential.successes().release();
    awaitReadyz();
    supervisor.stop(PATIENCE);
  }

  /** Fails for ever from the latch on, which is a turn all the same. */
  private record Awaited(CountDownLatch turn) implements Service {

    @Override
    public String name() {
      return "awaited";
    }

    @Override
    public Part part() {
      return Part.AWAITED;
    }

    @Override
    public boolean interruptible() {
      return true;
    }

    @Override
    public void run(ServiceContext context) throws Exception {
      turn.await();
      throw new IOException("no route");
    }
  }

  private void awaitReadyz(String... beginnings) {
    Await.value(
        "readyz to say " + List.of(beginnings),
        PATIENCE,
        () -> {
          var answer = get("/readyz");
          return beginnings.length == 0
              ? answer.statusCode() == 200
              : answer.statusCode() == 503 && begin(answer.body().lines().toList(), beginnings);
        },
        said -> said);
  }

  private static boolean begin(List<String> lines, String... beginnings) {
    return lines.size() == beginnings.length
        && List.of(beginnings).stream()
            .allMatch(b -> lines.get(List.of(beginnings).indexOf(b)).startsWith(b));
  }

  private static ObjectName mbean(String database) throws Exception {
    return new ObjectName(
        "pgq-fleet:name=test_lag_seconds,server=\"db01\",database=\"" + database + "\"");
  }

  private static Database database(String name) {
    var second = Duration.ofSeconds(1);
    return new Database(
        "db01",
        name,
        new ConnectionSettings(
            "nowhere",
            5432,
            "nobody",
            Optional.empty(),
            Optional.empty(),
            "prefer",
            second,
            second,
            second,
            second));
  }

  private List<String> samples(String prefix) throws Exception {
    return lines().stream().filter(line -> line.startsWith(prefix)).toList();
  }

  private List<String> lines() throws Exception {
    return get("/metrics").body().lines().toList();
  }

  private HttpResponse<String> get(String path) throws Exception {
    try (var http = HttpClient.newHttpClient()) {
      var uri = URI.create("http://127.0.0.1:" + server.port() + path);
      return http.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString());
    }
  }
}
