package io.github.pgqfleet.lifecycle;

import com.codahale.metrics.Counter;
import io.github.pgqfleet.sql.Pools;
import io.github.pgqfleet.sql.SqlStates;
import java.sql.SQLException;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells how one service fares: of its failures in health and metric each, in the log the first, and
 * then seldom; and whether it has had its first turn. Thread-safe.
 */
final class FailureReporter {

  private static final Logger log = LoggerFactory.getLogger(Supervisor.class);

  private final String service;
  private final Health health;
  private final Counter total;
  private final AtomicInteger failures = new AtomicInteger();
  private volatile boolean isAwaited;

  FailureReporter(String service, Health health, Counter total) {
    this.service = service;
    this.health = health;
    this.total = total;
  }

  /** The service is about to begin. */
  void begins(Service.Part part) {
    if (part != Service.Part.INCIDENTAL) {
      health.await(service, part == Service.Part.ESSENTIAL);
      isAwaited = true;
    }
  }

  /** The service is over for good, and nothing is wrong with it any more. */
  void over() {
    health.begun(service);
    health.resolve(service);
  }

  void failed(Throwable failure) {
    var e = Pools.reason(failure);
    var what = describe(e);
    total.inc();
    health.report(service, what);
    begun();
    var count = failures.incrementAndGet();
    if (Integer.bitCount(count) == 1) {
      log(e, count, what);
    }
  }

  /** What may pass is a warning; what will not is an error; what should not be has a stack. */
  private void log(Throwable e, int count, String what) {
    if (e instanceof RuntimeException || e instanceof Error) {
      log.error("service={} event=failed failures={} error=\"{}\"", service, count, what, e);
    } else if (e instanceof SQLException sql && !SqlStates.isTransient(sql)) {
      log.error("service={} event=failed failures={} error=\"{}\"", service, count, what);
    } else {
      log.warn("service={} event=failed failures={} error=\"{}\"", service, count, what);
    }
  }

  private static String describe(Throwable e) {
    var message = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
    return message.lines().map(String::strip).reduce((a, b) -> a + " | " + b).orElse(message);
  }

  private void begun() {
    if (isAwaited) {
      isAwaited = false;
      health.begun(service);
    }
  }

  /** Earlier failures are over; whether there were any. */
  boolean succeeded() {
    begun();
    var count = failures.getAndSet(0);
    if (count > 0) {
      log.info("service={} event=recovered failures={}", service, count);
      health.resolve(service);
    }
    return count > 0;
  }
}
