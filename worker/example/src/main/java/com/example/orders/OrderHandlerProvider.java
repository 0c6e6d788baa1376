package com.example.orders;

import io.github.pgqfleet.worker.api.Handler;
import io.github.pgqfleet.worker.api.HandlerProvider;
import java.util.Map;

/**
 * Makes the handler {@code order-totals}.
 *
 * <p>{@code mvn package}, put {@code target/order-handler.jar} into the directory that {@code
 * worker.handlers-directory} of {@code fleet.conf} names, and have a queue handled by it:
 *
 * <pre>
 * worker.queues.orders.handler {
 *   type = java, name = order-totals, settings { currency = EUR }
 * }
 * </pre>
 *
 * <p>A SIGHUP to the worker then loads it; the jar is replaced by moving another over it.
 * ServiceLoader finds this class because {@code META-INF/services} names it.
 */
public final class OrderHandlerProvider implements HandlerProvider {

  @Override
  public String name() {
    return "order-totals";
  }

  @Override
  public Handler create(String queue, Map<String, String> settings) {
    var currency = settings.get("currency");
    if (currency == null || currency.length() != 3) {
      throw new IllegalArgumentException("currency is missing; it takes a code such as EUR");
    }
    return new OrderHandler(currency);
  }
}
