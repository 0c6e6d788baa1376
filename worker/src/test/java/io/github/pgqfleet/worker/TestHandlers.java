package io.github.pgqfleet.worker;

import io.github.pgqfleet.worker.api.BatchHandler;
import io.github.pgqfleet.worker.api.Delivery;
import io.github.pgqfleet.worker.api.Event;
import io.github.pgqfleet.worker.api.EventHandler;
import io.github.pgqfleet.worker.api.Handler;
import io.github.pgqfleet.worker.api.HandlerProvider;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** The handler {@code test}; its setting {@code mode} chooses what it does besides recording. */
public final class TestHandlers implements HandlerProvider {

  private static final String RECORD = "insert into handled values (?, ?, ?)";

  /** Four that are in a batch at once. */
  static final CyclicBarrier FOUR = new CyclicBarrier(4);

  /** How often a handler has failed on purpose. */
  static final AtomicInteger FAILURES = new AtomicInteger();

  /** How a waiting handler's wait has ended. */
  static final BlockingQueue<String> ENDINGS = new LinkedBlockingQueue<>();

  /** Signals of a waiting handler: it is in its batch; and what it waits for. */
  static volatile CountDownLatch entered = new CountDownLatch(1);

  static volatile CountDownLatch release = new CountDownLatch(1);

  static void reset() {
    FAILURES.set(0);
    ENDINGS.clear();
    entered = new CountDownLatch(1);
    release = new CountDownLatch(1);
  }

  @Override
  public String name() {
    return "test";
  }

  @Override
  public Handler create(String queue, Map<String, String> settings) {
    return switch (settings.getOrDefault("mode", "record")) {
      case "record" -> (EventHandler) TestHandlers::record;
      case "four-at-once" -> four();
      case "fail-twice" -> (EventHandler) TestHandlers::failTwice;
      case "load-class" -> (EventHandler) TestHandlers::loadClass;
      case "interrupt-twice" -> (EventHandler) TestHandlers::interruptTwice;
      case "wait" -> (EventHandler) TestHandlers::await;
      case "wait-stubbornly" -> (EventHandler) TestHandlers::awaitStubbornly;
      case "query-stubbornly" -> (EventHandler) TestHandlers::queryStubbornly;
      case "count" -> (BatchHandler) TestHandlers::count;
      case "end-transaction" -> (EventHandler) TestHandlers::endTransaction;
      default -> throw new IllegalArgumentException("mode is unknown");
    };
  }

  static void record(Event event, Delivery delivery) throws SQLException {
    try (var statement = delivery.connection().prepareStatement(RECORD)) {
      set(statement, event, delivery);
      statement.execute();
    }
  }

  static void recordBySending(Event event, Delivery delivery) throws SQLException {
    delivery.send(RECORD, insert -> set(insert, event, delivery));
  }

  private static void set(PreparedStatement statement, Event event, Delivery delivery)
      throws SQLException {
    statement.setLong(1, event.id());
    statement.setString(2, event.data());
    statement.setString(3, delivery.subconsumer());
  }

  private static BatchHandler four() {
    return (events, delivery) -> {
      FOUR.await(20, TimeUnit.SECONDS);
      for (var event : events) {
        record(event, delivery);
      }
    };
  }

  private static void count(Iterable<Event> events, Delivery delivery) throws SQLException {
    long count = 0;
    for (var event : events) {
      count += event.id() > 0 ? 1 : 0;
    }
    try (var statement =
        delivery.connection().prepareStatement("insert into handled values (?, 'count', null)")) {
      statement.setLong(1, count);
      statement.execute();
    }
  }

  private static void failTwice(Event event, Delivery delivery) throws SQLException {
    record(event, delivery);
    if ("2".equals(event.data()) && FAILURES.get() < 2) {
      FAILURES.incrementAndGet();
      throw new IllegalStateException("told to fail");
    }
  }

  /** As libraries do. */
  private static void loadClass(Event event, Delivery delivery) throws Exception {
    Thread.currentThread().getContextClassLoader().loadClass(TestHandlers.class.getName());
    record(event, delivery);
  }

  /** As a handler does whose library was interrupted in a thread of its own. */
  private static void interruptTwice(Event event, Delivery delivery) throws SQLException {
    record(event, delivery);
    if (FAILURES.incrementAndGet() <= 2) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(new InterruptedException("in a thread of a library"));
    }
  }

  private static void await(Event event, Delivery delivery) throws Exception {
    record(event, delivery);
    entered.countDown();
    try {
      release.await();
      ENDINGS.add("released");
    } catch (InterruptedException e) {
      ENDINGS.add("interrupted");
      throw e;
    }
  }

  private static void awaitStubbornly(Event event, Delivery delivery) throws SQLException {
    record(event, delivery);
    entered.countDown();
    boolean released = false;
    while (!released) {
      try {
        release.await();
        released = true;
      } catch (InterruptedException e) {
        ENDINGS.add("interrupted");
      }
    }
  }

  /** As a handler does that takes whatever goes wrong on the server for the event's. */
  private static void queryStubbornly(Event event, Delivery delivery) throws SQLException {
    record(event, delivery);
    var connection = delivery.connection();
    try (var statement = connection.createStatement()) {
      entered.countDown();
      for (int attempt = 1; attempt <= 2; attempt++) {
        var savepoint = connection.setSavepoint();
        try {
          statement.execute("select pg_sleep(600)");
        } catch (SQLException e) {
          ENDINGS.add("cut off");
          connection.rollback(savepoint);
        }
      }
    }
  }

  private static void endTransaction(Event event, Delivery delivery) throws SQLException {
    try (var statement = delivery.connection().createStatement()) {
      statement.execute("commit");
    }
    FAILURES.incrementAndGet();
  }
}
