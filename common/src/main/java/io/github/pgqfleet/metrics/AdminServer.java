package io.github.pgqfleet.metrics;

import com.codahale.metrics.jmx.JmxReporter;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.Filter;
import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.Request;
import io.github.pgqfleet.config.AdminConfig;
import io.github.pgqfleet.lifecycle.Health;
import io.prometheus.metrics.exporter.httpserver.MetricsHandler;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;
import javax.management.MalformedObjectNameException;
import javax.management.ObjectName;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers {@code /metrics} (Prometheus), {@code /livez}, {@code /readyz}, {@code /healthz} and
 * {@code /status} (JSON), and shows the metrics in JMX, where the JVM lets one look. Each request
 * has a thread of its own, so that one that hangs holds up nothing; what it may take of the process
 * is bounded.
 */
public final class AdminServer implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(AdminServer.class);
  private static final String TEXT = "text/plain; charset=utf-8";

  static {
    // The JDK's server has no other way to be told, and no bounds unless it is.
    bound("jdk.httpserver.maxConnections", 200);
    bound("sun.net.httpserver.maxReqTime", 20);
    bound("sun.net.httpserver.maxRspTime", 60);
  }

  private final HttpServer server;
  private final ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();
  private final ExecutorService scrapes =
      Executors.newCachedThreadPool(Thread.ofPlatform().daemon().name("scrape-", 0).factory());
  private final JmxReporter jmx;

  /**
   * Binds and starts.
   *
   * @param status what {@code /status} shows, made at each request; anything that Jackson can write
   * @throws IOException naming the address, when it is in use or not this host's
   */
  public AdminServer(
      AdminConfig config, FleetMetrics metrics, Health health, Supplier<Object> status)
      throws IOException {
    this(config, metrics, health, status, Map.of());
  }

  /**
   * The same, with an application's own answers.
   *
   * @param others by the beginning of the path; the longest that fits answers
   */
  public AdminServer(
      AdminConfig config,
      FleetMetrics metrics,
      Health health,
      Supplier<Object> status,
      Map<String, HttpHandler> others)
      throws IOException {
    try {
      server = HttpServer.create(new InetSocketAddress(config.address(), config.port()), 0);
    } catch (IOException e) {
      throw new IOException(
          "cannot listen on %s:%d (%s); choose another admin.port, or set admin.enabled = false"
              .formatted(config.address(), config.port(), e.getMessage()),
          e);
    }
    var prometheus = new PrometheusRegistry();
    prometheus.register(new Exposition(metrics));
    var json = new ObjectMapper();
    server.setExecutor(executor);
    var hosts = Hosts.of(config);
    var handlers = new HashMap<String, HttpHandler>(others);
    // That it is answered, by a virtual thread, is the answer.
    handlers.put("/livez", exchange -> answer(exchange, new TreeMap<>(), new TreeMap<>()));
    handlers.put("/readyz", exchange -> answer(exchange, health.unready(), new TreeMap<>()));
    handlers.put("/healthz", exchange -> answer(exchange, health.problems(), health.warnings()));
    handlers.put(
        "/status",
        exchange ->
            answer(exchange, 200, "application/json", json.writeValueAsBytes(status.get())));
    handlers.forEach((path, handler) -> server.createContext(path, under(hosts, handler)));
    server
        .createContext("/metrics", under(hosts, scraped(new MetricsHandler(prometheus))))
        .getFilters()
        .add(Filter.adaptRequest("takes no compressed answer", Uncompressed::new));
    jmx =
        JmxReporter.forRegistry(metrics.registry())
            .createsObjectNamesWith(AdminServer::mbean)
            .build();
    jmx.start();
    server.start();
    log.info("event=admin_listening address={}", server.getAddress());
  }

  /** The port that it listens on. */
  int port() {
    return server.getAddress().getPort();
  }

  private static void bound(String property, int value) {
    if (System.getProperty(property) == null) {
      System.setProperty(property, Integer.toString(value));
    }
  }

  /** Answers whoever asks under a name that is ours. */
  private static HttpHandler under(Hosts hosts, HttpHandler handler) {
    return exchange -> {
      if (hosts.allow(exchange.getRequestHeaders().getFirst("Host"))) {
        handler.handle(exchange);
      } else {
        answer(exchange, 421, TEXT, bytes("not under this name; see admin.hosts\n"));
      }
    };
  }

  /**
   * On threads of the platform: on virtual ones, the writer with which an answer of thousands of
   * lines is made begins small, and is copied whole at each line.
   */
  private HttpHandler scraped(HttpHandler handler) {
    return exchange ->
        scrapes.execute(
            () -> {
              try (exchange) {
                handler.handle(exchange);
              } catch (IOException e) {
                log.debug("event=scrape_broken_off reason=\"{}\"", e.getMessage());
              }
            });
  }

  /**
   * As if who asks could not read compressed answers: to compress thousands of lines costs about as
   * much as to make them, and Prometheus' client knows no other way to be kept from it.
   */
  private record Uncompressed(Request request) implements Request {

    @Override
    public URI getRequestURI() {
      return request.getRequestURI();
    }

    @Override
    public String getRequestMethod() {
      return request.getRequestMethod();
    }

    @Override
    public Headers getRequestHeaders() {
      var headers = new Headers(request.getRequestHeaders());
      headers.remove("Accept-Encoding");
      return headers;
    }
  }

  private static ObjectName mbean(String type, String domain, String name) {
    try {
      return new ObjectName(name);
    } catch (MalformedObjectNameException e) {
      throw new IllegalArgumentException(name, e);
    }
  }

  /** 200 when nothing is wrong, else 503; a line for each problem and each warning. */
  private static void answer(
      HttpExchange exchange,
      SortedMap<String, Health.Problem> problems,
      SortedMap<String, Health.Problem> warnings)
      throws IOException {
    var body = new StringBuilder(problems.isEmpty() ? "ok\n" : "");
    problems.forEach((part, problem) -> body.append(line(part, problem)));
    warnings.forEach((part, w) -> body.append("warning: ").append(line(part, w)));
    answer(exchange, problems.isEmpty() ? 200 : 503, TEXT, bytes(body.toString()));
  }

  private static String line(String part, Health.Problem problem) {
    return part + ": " + problem.what() + " (since " + problem.since() + ")\n";
  }

  private static void answer(HttpExchange exchange, int code, String type, byte[] body)
      throws IOException {
    try (exchange) {
      exchange.getResponseHeaders().set("Content-Type", type);
      if (exchange.getRequestMethod().equals("HEAD")) {
        exchange.sendResponseHeaders(code, -1);
      } else {
        exchange.sendResponseHeaders(code, body.length);
        exchange.getResponseBody().write(body);
      }
    }
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  @Override
  public void close() {
    jmx.close();
    server.stop(0);
    executor.shutdownNow();
    scrapes.shutdownNow();
  }
}
