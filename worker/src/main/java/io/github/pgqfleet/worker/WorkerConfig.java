package io.github.pgqfleet.worker;

import io.github.pgqfleet.config.AdminConfig;
import io.github.pgqfleet.config.FleetConfig;
import io.github.pgqfleet.config.Section;
import io.github.pgqfleet.sql.Database;
import io.github.pgqfleet.worker.call.CommandOptions;
import io.github.pgqfleet.worker.call.HttpOptions;
import io.github.pgqfleet.worker.coop.SubConsumerId;
import io.github.pgqfleet.worker.failed.RetryPolicy;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.OptionalInt;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The worker's part of the configuration. Immutable.
 *
 * @param destination the database whose queues are consumed
 * @param consumer the main consumer that all workers of a queue share
 * @param instance the first part of the sub-consumers' names
 * @param handlersDirectory where jars with handlers are looked for; need not exist
 * @param deadInterval after how long without a sign of life a batch is taken over
 * @param heartbeatInterval how often a sign of life is given while a batch is open
 * @param pollInterval how often queues are looked at although no tick was announced
 * @param statementTimeout bound on one statement of a handler, and on its pauses between two
 * @param stopDeadline how long a stop waits for open batches
 * @param fetchSize most events of a batch that are held in memory
 * @param queues what is consumed, by queue
 */
record WorkerConfig(
    Database destination,
    AdminConfig admin,
    String consumer,
    String instance,
    Path handlersDirectory,
    Duration deadInterval,
    Duration heartbeatInterval,
    Duration pollInterval,
    Duration statementTimeout,
    Duration stopDeadline,
    int fetchSize,
    SortedMap<String, Queue> queues) {

  private static final Duration DAY = Duration.ofDays(1);

  /**
   * One queue.
   *
   * @param workers how many sub-consumers this process has on it
   * @param maxEventsPerSecond how many events they may handle a second, together
   * @param retry what becomes of events that fail
   */
  record Queue(
      String name,
      int workers,
      OptionalInt maxEventsPerSecond,
      HandlerSpec handler,
      RetryPolicy retry) {

    /** Whether its sub-consumers can go on as they are when this becomes that. */
    boolean differsInWorkersOnly(Queue other) {
      return equals(
          new Queue(other.name, workers, other.maxEventsPerSecond, other.handler, other.retry));
    }
  }

  WorkerConfig {
    queues = Collections.unmodifiableSortedMap(new TreeMap<>(queues));
  }

  /** Reads the parts {@code fleet} and {@code worker} of the file. */
  static WorkerConfig read(Section root) {
    var fleet = FleetConfig.read(root);
    var worker = root.section("worker");
    // Also where no queue uses them, so that mistakes in them are told.
    HttpOptions.read(worker.section("http"));
    CommandOptions.read(worker.section("command"));
    RetryPolicy.read(worker.section("retry"));
    var queues = new TreeMap<String, Queue>();
    worker
        .sections("queues")
        .forEach(
            (name, section) -> {
              if (!fleet.queues().containsKey(name)) {
                section.problem("handler", "is of a queue that is not one of fleet.queues");
              }
              queues.put(name, queue(name, section, worker, fleet.passwordVariables()));
            });
    if (queues.isEmpty()) {
      worker.problem(
          "queues", "is empty; name at least one queue with its handler, or do not run workers");
    }
    var dead = worker.duration("dead-interval", Duration.ofMillis(100), DAY);
    var heartbeat = worker.duration("heartbeat-interval", Duration.ofMillis(10), DAY);
    if (!dead.isNegative() && heartbeat.multipliedBy(2).compareTo(dead) > 0) {
      worker.problem("dead-interval", "must be at least twice heartbeat-interval");
    }
    return new WorkerConfig(
        fleet.destination(),
        AdminConfig.read(worker),
        worker.string("consumer"),
        worker.optionalString("instance").orElseGet(WorkerConfig::hostName),
        Path.of(worker.string("handlers-directory")),
        dead,
        heartbeat,
        worker.duration("poll-interval", Duration.ofMillis(10), DAY),
        worker.duration("statement-timeout", Duration.ofSeconds(1), DAY),
        worker.duration("stop-deadline", Duration.ZERO, DAY),
        worker.integer("fetch-size", 1, 100_000),
        queues);
  }

  private static Queue queue(
      String name, Section section, Section worker, Set<String> passwordVariables) {
    var retry = worker.section("retry");
    return new Queue(
        name,
        section.has("workers") ? section.integer("workers", 0, 10_000) : 1,
        section.has("max-events-per-second")
            ? OptionalInt.of(section.integer("max-events-per-second", 1, 1_000_000_000))
            : OptionalInt.empty(),
        HandlerSpec.read(
            section.section("handler"),
            worker.section("http"),
            worker.section("command"),
            passwordVariables),
        RetryPolicy.read(
            section.has("retry") ? section.section("retry").withDefaults(retry) : retry));
  }

  private static String hostName() {
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException e) {
      return "localhost";
    }
  }

  /**
   * What {@code pg_stat_activity} shows of a worker's sessions: the fleet page tells by it which
   * sub-consumers have a process.
   */
  String applicationName() {
    // PostgreSQL replaces anything else in an application's name, and cuts it at this length.
    var name = "pgq-fleet worker " + instance.replaceAll("[^!-~]", "?");
    return name.substring(0, Math.min(63, name.length()));
  }

  /** How many sub-consumers there are altogether. */
  int workers() {
    return queues.values().stream().mapToInt(Queue::workers).sum();
  }

  /** Whether what belongs to no queue is the same in both. */
  boolean differsInQueuesOnly(WorkerConfig other) {
    return equals(
        new WorkerConfig(
            other.destination,
            other.admin,
            other.consumer,
            other.instance,
            other.handlersDirectory,
            other.deadInterval,
            other.heartbeatInterval,
            other.pollInterval,
            other.statementTimeout,
            other.stopDeadline,
            other.fetchSize,
            queues));
  }

  /** The sub-consumer of a slot, counted from 1. */
  SubConsumerId subConsumer(Queue queue, int slot) {
    return new SubConsumerId(queue.name(), consumer, instance + "_" + slot);
  }

  /** The destination, for sessions in which handlers work. */
  Database handlersDestination() {
    return new Database(
        destination.server(),
        destination.name(),
        destination.settings().withStatementTimeout(statementTimeout));
  }
}
