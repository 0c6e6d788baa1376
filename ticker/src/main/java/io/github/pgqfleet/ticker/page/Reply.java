package io.github.pgqfleet.ticker.page;

import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/**
 * What a request is answered. Immutable.
 *
 * @param cache the header {@code Cache-Control}
 */
record Reply(int status, String type, String cache, String body) {

  private static final String JSON = "application/json";

  static Reply json(String body) {
    return new Reply(200, JSON, "no-cache", body);
  }

  static Reply of(Assets.Asset asset) {
    return new Reply(
        200, asset.type(), asset.mayBeKept() ? "max-age=31536000" : "no-cache", asset.content());
  }

  /** It is as it was. */
  static Reply notModified() {
    return new Reply(304, JSON, "no-cache", "");
  }

  /** A refusal, or a failure, with the reason. */
  static Reply because(int status, String reason) {
    return new Reply(status, "text/plain; charset=utf-8", "no-store", reason + "\n");
  }

  /** Sends it; nothing in it may be run or loaded that is not the page's own. */
  void send(HttpExchange exchange) throws IOException {
    var headers = exchange.getResponseHeaders();
    headers.set("Content-Type", type);
    headers.set("Cache-Control", cache);
    headers.set(
        "Content-Security-Policy",
        "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'");
    headers.set("X-Content-Type-Options", "nosniff");
    headers.set("Referrer-Policy", "no-referrer");
    headers.set("Cross-Origin-Resource-Policy", "same-origin");
    var bytes = body.getBytes(StandardCharsets.UTF_8);
    var hasBody = bytes.length > 0 && !exchange.getRequestMethod().equals("HEAD");
    exchange.sendResponseHeaders(status, hasBody ? bytes.length : -1);
    if (hasBody) {
      exchange.getResponseBody().write(bytes);
    }
  }
}
