package io.github.pgqfleet.worker.call;

import io.github.pgqfleet.config.Section;
import java.net.http.HttpRequest;
import java.time.Duration;
import java.util.Map;

/**
 * How an HTTP endpoint is called. Immutable.
 *
 * @param eventsPerCall most events of a request; with one request an event, most that are read
 *     ahead
 * @param concurrency how many events of a batch are sent at once, with one request an event
 * @param maxInFlight most requests at once for the queue, over all its sub-consumers in this
 *     process
 * @param timeout bound on one request, from connecting to the answer's last byte
 * @param headers more headers of each request; may hold secrets
 */
public record HttpOptions(
    Per per,
    int eventsPerCall,
    int concurrency,
    int maxInFlight,
    Decode decode,
    Duration connectTimeout,
    Duration timeout,
    Map<String, String> headers,
    StatusRules rules) {

  private static final Duration HOUR = Duration.ofHours(1);
  private static final Duration LEAST = Duration.ofMillis(10);

  public HttpOptions {
    headers = Map.copyOf(headers);
  }

  /** Reads a handler's section, or the one of the defaults. */
  public static HttpOptions read(Section http) {
    return new HttpOptions(
        http.oneOf("per", Per.class),
        http.integer("events-per-call", 1, 10_000),
        http.integer("concurrency", 1, 10_000),
        http.integer("max-in-flight", 1, 10_000),
        http.oneOf("decode", Decode.class),
        http.duration("connect-timeout", LEAST, HOUR),
        http.duration("timeout", LEAST, HOUR),
        headers(http),
        StatusRules.read(http));
  }

  private static Map<String, String> headers(Section http) {
    var headers = http.texts("headers");
    headers.forEach(
        (name, value) -> {
          try {
            HttpRequest.newBuilder().setHeader(name, value);
          } catch (IllegalArgumentException e) {
            http.problem("headers", "cannot set \"" + name + "\", or not to this value");
          }
        });
    return headers;
  }

  /** Without the headers' values. */
  @Override
  public String toString() {
    return "HttpOptions[per=%s, eventsPerCall=%d, headers=%s]"
        .formatted(per, eventsPerCall, headers.keySet());
  }
}
