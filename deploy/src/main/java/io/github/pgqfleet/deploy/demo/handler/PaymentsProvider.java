package io.github.pgqfleet.deploy.demo.handler;

import io.github.pgqfleet.worker.api.Handler;
import io.github.pgqfleet.worker.api.HandlerProvider;
import java.util.Map;

/** Makes the handler that {@code handler { type = java, name = payments }} asks for. */
public final class PaymentsProvider implements HandlerProvider {

  @Override
  public String name() {
    return "payments";
  }

  @Override
  public Handler create(String queue, Map<String, String> settings) {
    return new PaymentsHandler();
  }
}
