package io.github.pgqfleet.worker;

import io.github.pgqfleet.worker.api.BatchHandler;
import io.github.pgqfleet.worker.api.DeadEventException;
import io.github.pgqfleet.worker.api.Delivery;
import io.github.pgqfleet.worker.api.Event;
import io.github.pgqfleet.worker.api.EventHandler;
import io.github.pgqfleet.worker.api.Handler;
import io.github.pgqfleet.worker.api.HandlerProvider;
import java.sql.SQLException;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The handler {@code failing}: records each event, and does what its type says. Its setting {@code
 * by} is {@code event}, {@code send} or {@code batch}. {@link #FUNCTION} is the same in SQL.
 */
public final class FailingHandlers implements HandlerProvider {

  /** How many serialization failures and deadlocks are still to come. */
  static final AtomicInteger CONFLICTS = new AtomicInteger();

  static final String FUNCTION =
      """
      create function handle(ev_id bigint, ev_time timestamptz, ev_txid bigint, ev_retry integer,
          ev_type text, ev_data text, ev_extra1 text, ev_extra2 text, ev_extra3 text,
          ev_extra4 text) returns void language plpgsql as $$
      begin
        insert into handled values (ev_id, ev_data, null);
        case ev_type
          when 'fails' then raise exception 'told to fail %', ev_data;
          when 'fails-twice' then
            if ev_retry < 2 then raise exception 'told to fail'; end if;
          when 'is-dead' then raise exception 'no use' using errcode = 'PQ001';
          when 'conflicts' then
            if nextval('conflicts') < 3 then
              raise exception 'conflict' using errcode = 'serialization_failure';
            end if;
          when 'no-number' then perform ev_data::int;
          else null;
        end case;
      end $$\
      """;

  @Override
  public String name() {
    return "failing";
  }

  @Override
  public Handler create(String queue, Map<String, String> settings) {
    return switch (settings.getOrDefault("by", "event")) {
      case "event" -> (EventHandler) FailingHandlers::handle;
      case "send" -> (EventHandler) FailingHandlers::send;
      case "batch" ->
          (BatchHandler)
              (events, delivery) -> {
                for (var event : events) {
                  handle(event, delivery);
                }
              };
      default -> throw new IllegalArgumentException("by is unknown");
    };
  }

  private static void handle(Event event, Delivery delivery) throws SQLException {
    TestHandlers.record(event, delivery);
    failByType(event, delivery);
  }

  /** Errors of the database come with a later event, or after the last. */
  private static void send(Event event, Delivery delivery) throws SQLException {
    TestHandlers.recordBySending(event, delivery);
    if ("no-number".equals(event.type())) {
      delivery.send("call take_number(?)", call -> call.setString(1, event.data()));
    } else {
      failByType(event, delivery);
    }
  }

  private static void failByType(Event event, Delivery delivery) throws SQLException {
    switch (event.type()) {
      case "fails" -> throw new IllegalStateException("told to fail " + event.data());
      case "fails-twice" -> {
        if (event.retry() < 2) {
          throw new IllegalStateException("told to fail");
        }
      }
      case "is-dead" -> throw new DeadEventException("no use");
      case "conflicts" -> {
        if (CONFLICTS.getAndDecrement() > 0) {
          throw new IllegalStateException(new SQLException("conflict", "40001"));
        }
      }
      case "no-number" -> execute(delivery, "select '" + event.data() + "'::int");
      case "swallows" -> {
        try {
          execute(delivery, "select 1 / 0");
        } catch (SQLException e) {
          // Which is the mistake: the transaction cannot go on.
        }
      }
      case "child-first" -> {
        execute(delivery, "insert into child values (" + event.data() + ")");
        execute(delivery, "insert into parent values (" + event.data() + ")");
      }
      case null, default -> {}
    }
  }

  private static void execute(Delivery delivery, String sql) throws SQLException {
    try (var statement = delivery.connection().createStatement()) {
      statement.execute(sql);
    }
  }
}
