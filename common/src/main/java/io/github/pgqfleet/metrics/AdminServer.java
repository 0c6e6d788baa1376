package io.github.pgqfleet.metrics;

import com.codahale.metrics.MetricRegistry;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import io.github.pgqfleet.config.AdminConfig;
import io.github.pgqfleet.lifecycle.Health;
import io.prometheus.metrics.exporter.httpserver.MetricsHandler;
import io.prometheus.metrics.instrumentation.dropwizard.DropwizardExports;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers {@code /metrics} (Prometheus), {@code /healthz}, {@code /readyz} and {@code /status}
 * (JSON). Each request has a virtual thread of its own, so that one that hangs holds up nothing.
 */
public final class AdminServer implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(AdminServer.class);
  private static final String TEXT = "text/plain; charset=utf-8";

  private final HttpServer server;
  private final ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();
  private final Health health;

  /**
   * Binds and starts.
   *
   * @param status what {@code /status} shows, made at each request; anything that Jackson can write
   * @throws IOException naming the address, when it is in use or not this host's
   */
  public AdminServer(
      AdminConfig config, MetricRegistry metrics, Health health, Supplier<Object> status)
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
      MetricRegistry metrics,
      Health health,
      Supplier<Object> status,
      Map<String, HttpHandler> others)
      throws IOException {
    this.health = health;
    try {
      server = HttpServer.create(new InetSocketAddress(config.address(), config.port()), 0);
    } catch (IOException e) {
      throw new IOException(
          "cannot listen on %s:%d (%s); choose another admin.port, or set admin.enabled = false"
              .formatted(config.address(), config.port(), e.getMessage()),
          e);
    }
    var prometheus = new PrometheusRegistry();
    DropwizardExports.builder().dropwizardRegistry(metrics).register(prometheus);
    var json = new ObjectMapper();
    server.setExecutor(executor);
    server.createContext("/metrics", new MetricsHandler(prometheus));
    server.createContext("/healthz", this::health);
    server.createContext("/readyz", this::health);
    server.createContext(
        "/status",
        exchange ->
            answer(exchange, 200, "application/json", json.writeValueAsBytes(status.get())));
    others.forEach(server::createContext);
    server.start();
    log.info("event=admin_listening address={}", server.getAddress());
  }

  /** 200 when nothing is wrong, else 503; a line for each problem and each warning. */
  private void health(HttpExchange exchange) throws IOException {
    var problems = health.problems();
    var body = new StringBuilder(problems.isEmpty() ? "ok\n" : "");
    problems.forEach((part, problem) -> body.append(line(part, problem)));
    health.warnings().forEach((part, w) -> body.append("warning: ").append(line(part, w)));
    answer(
        exchange,
        problems.isEmpty() ? 200 : 503,
        TEXT,
        body.toString().getBytes(StandardCharsets.UTF_8));
  }

  private static String line(String part, Health.Problem problem) {
    return part + ": " + problem.what() + " (since " + problem.since() + ")\n";
  }

  private static void answer(HttpExchange exchange, int code, String type, byte[] body)
      throws IOException {
    try (exchange) {
      exchange.getResponseHeaders().set("Content-Type", type);
      exchange.sendResponseHeaders(code, body.length);
      exchange.getResponseBody().write(body);
    }
  }

  @Override
  public void close() {
    server.stop(0);
    executor.shutdownNow();
  }
}
