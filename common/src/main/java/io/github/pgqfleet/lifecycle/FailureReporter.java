package io.github.pgqfleet.lifecycle;

import com.codahale.metrics.MetricRegistry;
import io.github.pgqfleet.sql.SqlStates;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells of one service's failures: in health and metric each, in the log the first, and then
 * seldom. Thread-safe.
 */
final class FailureReporter {

  private static final Logger log = LoggerFactory.getLogger(Supervisor.class);

  private final String service;
  private final Health health;
  private final MetricRegistry metrics;
  private final AtomicInteger failures = new AtomicInteger();

  FailureReporter(String service, Health health, MetricRegistry metrics) {
    this.service = service;
    this.health = health;
    this.metrics = metrics;
  }

  void failed(Throwable failure) {
    // A pool says only that it has no connection; why is in the cause.
    var pooled = failure instanceof SQLTransientConnectionException;
    var e = pooled && failure.getCause() != null ? failure.getCause() : failure;
    var what = describe(e);
    metrics.counter(MetricRegistry.name("service", "failures")).inc();
    health.report(service, what);
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

  /** Earlier failures are over; whether there were any. */
  boolean recovered() {
    var count = failures.getAndSet(0);
    if (count > 0) {
      log.info("service={} event=recovered failures={}", service, count);
      health.resolve(service);
    }
    return count > 0;
  }
}
