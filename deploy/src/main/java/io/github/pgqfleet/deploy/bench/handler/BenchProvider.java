package io.github.pgqfleet.deploy.bench.handler;

import io.github.pgqfleet.worker.api.Handler;
import io.github.pgqfleet.worker.api.HandlerProvider;
import java.time.Duration;
import java.util.Map;

/**
 * Makes the handlers that {@code handler { type = java, name = bench, settings { way = event } }}
 * asks for; the other ways are {@code send} and {@code batch}.
 */
public final class BenchProvider implements HandlerProvider {

  @Override
  public String name() {
    return "bench";
  }

  @Override
  public Handler create(String queue, Map<String, String> settings) {
    String way = settings.getOrDefault("way", "");
    return switch (way) {
      case "event" -> new InsertEach(queue);
      case "send" ->
          new InsertSent(
              queue, Duration.ofMillis(Long.parseLong(settings.getOrDefault("wait-ms", "0"))));
      case "batch" -> new InsertTogether(queue);
      default ->
          throw new IllegalArgumentException("way is \"" + way + "\", not event, send or batch");
    };
  }
}
