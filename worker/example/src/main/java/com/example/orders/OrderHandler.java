package com.example.orders;

import io.github.pgqfleet.worker.api.Delivery;
import io.github.pgqfleet.worker.api.Event;
import io.github.pgqfleet.worker.api.EventHandler;
import io.github.pgqfleet.worker.api.Payload;
import java.math.BigDecimal;
import java.sql.SQLException;

/**
 * Adds each order, JSON such as {@code {"customer": "c1", "amount": 9.90}}, to its customer's total
 * in the destination database:
 *
 * <pre>
 * create table order_total (
 *     customer text, currency text, orders bigint not null, amount numeric not null,
 *     primary key (customer, currency));
 * </pre>
 *
 * <p>It writes in the transaction that it is given, and so each order is counted once, whatever
 * happens: the worker commits it together with the batch. An order that cannot be read throws; the
 * worker sees to it, and to one that the table does not take. Since nothing waits for the answer to
 * the statement, it is sent; a query would go through {@code delivery.connection()}.
 */
final class OrderHandler implements EventHandler {

  private static final String ADD =
      """
      insert into order_total as t (customer, currency, orders, amount) values (?, ?, 1, ?)
          on conflict (customer, currency) do update
          set orders = t.orders + 1, amount = t.amount + excluded.amount\
      """;

  /** The payload; what else is in it is left out. */
  private record Order(String customer, BigDecimal amount) {}

  private final String currency;

  OrderHandler(String currency) {
    this.currency = currency;
  }

  @Override
  public void handle(Event event, Delivery delivery) throws SQLException {
    var order = Payload.json(event, Order.class);
    delivery.send(
        ADD,
        add -> {
          add.setString(1, order.customer());
          add.setString(2, currency);
          add.setBigDecimal(3, order.amount());
        });
  }
}
