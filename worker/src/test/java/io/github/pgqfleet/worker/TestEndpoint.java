package io.github.pgqfleet.worker;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.stream.StreamSupport;

/** An HTTP server on this machine that answers as a test says, and remembers what it was sent. */
final class TestEndpoint implements AutoCloseable {

  /** An answer. */
  record Answer(int status, String body, Map<String, String> headers) {
    static Answer of(int status) {
      return new Answer(status, "", Map.of());
    }
  }

  /** Decides on an answer; may wait first. */
  @FunctionalInterface
  interface Answering {
    Answer answer(JsonNode request) throws Exception;
  }

  /** Keeps numbers as they were sent. */
  private static final ObjectMapper MAPPER =
      JsonMapper.builder()
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
          .build();

  private final HttpServer server;
  private final List<JsonNode> requests = new CopyOnWriteArrayList<>();
  private final List<JsonNode> handled = new CopyOnWriteArrayList<>();
  private final Answering answering;

  TestEndpoint(Answering answering) throws IOException {
    this.answering = answering;
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.createContext("/events", this::serve);
    server.start();
  }

  /** Takes everything. */
  static TestEndpoint willing() throws IOException {
    return new TestEndpoint(request -> Answer.of(204));
  }

  String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort() + "/events";
  }

  private void serve(HttpExchange exchange) throws IOException {
    try (exchange) {
      var request = MAPPER.readTree(exchange.getRequestBody().readAllBytes());
      requests.add(request);
      var answer = answering.answer(request);
      answer.headers().forEach(exchange.getResponseHeaders()::set);
      var body = answer.body().getBytes(StandardCharsets.UTF_8);
      if (answer.status() / 100 == 2) {
        handled.add(request);
      }
      exchange.sendResponseHeaders(answer.status(), body.length == 0 ? -1 : body.length);
      exchange.getResponseBody().write(body);
    } catch (IOException e) {
      throw e;
    } catch (Exception e) {
      throw new IOException(e);
    }
  }

  List<JsonNode> requests() {
    return List.copyOf(requests);
  }

  /** The events of the requests that were answered with success, in the order of the answers. */
  List<JsonNode> handled() {
    return handled.stream().flatMap(request -> events(request).stream()).toList();
  }

  List<String> handledData() {
    return handled().stream().map(event -> event.path("data").asText()).toList();
  }

  static List<JsonNode> events(JsonNode request) {
    return request.has("event")
        ? List.of(request.path("event"))
        : StreamSupport.stream(request.path("events").spliterator(), false).toList();
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
