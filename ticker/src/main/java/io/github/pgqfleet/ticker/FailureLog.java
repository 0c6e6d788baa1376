package io.github.pgqfleet.ticker;

import io.github.pgqfleet.lifecycle.Health;
import io.github.pgqfleet.sql.Database;
import java.util.Collection;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Parts that fail while the rest goes on, each by its name. A failure is in the log the first time
 * and then ever more rarely, in health until it is over, and counted each time. Thread-safe.
 */
final class FailureLog {

  private static final Logger log = LoggerFactory.getLogger(FailureLog.class);

  private final Health health;
  private final TickerMetrics metrics;
  private final Map<Part, Integer> failures = new ConcurrentHashMap<>();

  private record Part(Database database, String name) {}

  FailureLog(Health health, TickerMetrics metrics) {
    this.health = health;
    this.metrics = metrics;
  }

  /** Says that a part of a database failed, once more. */
  void failed(Database database, String part, Exception reason) {
    metrics.failed();
    var count = failures.merge(new Part(database, part), 1, Integer::sum);
    var what = oneLine(reason);
    health.report(part, what);
    if (Integer.bitCount(count) == 1) {
      log.warn("part=\"{}\" event=failed failures={} error=\"{}\"", part, count, what);
    }
  }

  /** Says that a part works, or is no more. */
  void succeeded(Database database, String part) {
    var count = failures.remove(new Part(database, part));
    if (count != null) {
      health.resolve(part);
      log.info("part=\"{}\" event=recovered failures={}", part, count);
    }
  }

  /** Says so of all parts of a database that begin with a prefix, except some. */
  void succeededExcept(Database database, String prefix, Collection<String> except) {
    failures.keySet().stream()
        .filter(part -> part.database().equals(database) && part.name().startsWith(prefix))
        .map(Part::name)
        .filter(name -> !except.contains(name))
        .toList()
        .forEach(name -> succeeded(database, name));
  }

  /** Somebody else looks after the database now, or nobody: what was wrong with it is not known. */
  void forget(Database database) {
    failures
        .keySet()
        .removeIf(
            part -> {
              var its = part.database().equals(database);
              if (its) {
                health.resolve(part.name());
              }
              return its;
            });
  }

  /** An exception's message in one line, without the stack of PgQ's functions. */
  static String oneLine(Throwable e) {
    var message = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
    return String.join(
        " | ",
        message.lines().map(String::strip).takeWhile(line -> !line.startsWith("Where:")).toList());
  }
}
