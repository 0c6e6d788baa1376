package io.github.pgqfleet.worker;

import io.github.pgqfleet.lifecycle.Supervisor;
import io.github.pgqfleet.sql.Pools;
import io.github.pgqfleet.worker.batch.BatchProcessor;
import io.github.pgqfleet.worker.batch.CallBatch;
import io.github.pgqfleet.worker.batch.ProcessBatch;
import io.github.pgqfleet.worker.coop.SubConsumerId;
import io.github.pgqfleet.worker.failed.FailedEvents;
import io.github.pgqfleet.worker.flow.Gates;
import io.github.pgqfleet.worker.flow.RateLimit;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.stream.IntStream;
import javax.sql.DataSource;

/**
 * The sub-consumers of this process, which come and go with the configuration. Those that a change
 * does not concern go on undisturbed. One that goes away finishes its batch and leaves the group;
 * past the stop deadline its batch is rolled back and it stays registered, so that the batch is
 * continued or taken over. One whose handler changes does the same, and its successor, of the same
 * name, begins when it has ended. Thread-safe.
 */
final class Slots {

  /** Heartbeats are rare and short, so a few connections serve any number of sub-consumers. */
  private static final int HEARTBEAT_CONNECTIONS = 4;

  /**
   * No bound is needed: a sub-consumer uses one at a time, and opens none while it has no batch.
   */
  private static final int BATCH_CONNECTIONS = 100_000;

  private final Supervisor supervisor;
  private final Pools pools;
  private final Pools heartbeatPools;
  private final Wakeups wakeups;
  private final Gates gates;
  private final Function<String, QueueMetrics> metrics;
  private final Map<String, Group> groups = new TreeMap<>();

  /**
   * @param pools for batches
   * @param heartbeatPools for heartbeats, which never wait for a batch
   */
  Slots(
      Supervisor supervisor,
      Pools pools,
      Pools heartbeatPools,
      Wakeups wakeups,
      Gates gates,
      Function<String, QueueMetrics> metrics) {
    this.supervisor = supervisor;
    this.pools = pools;
    this.heartbeatPools = heartbeatPools;
    this.wakeups = wakeups;
    this.gates = gates;
    this.metrics = metrics;
  }

  /**
   * Starts what is missing and releases what is too much; returns at once.
   *
   * @param config differs from that of the last call in queues only
   * @param handlers one for each queue; theirs to close
   */
  synchronized void become(WorkerConfig config, Map<String, QueueHandler> handlers) {
    var gone = new HashSet<>(groups.keySet());
    gone.removeAll(config.queues().keySet());
    gone.forEach(queue -> Objects.requireNonNull(groups.remove(queue)).close());
    for (var queue : config.queues().values()) {
      var handler = Objects.requireNonNull(handlers.get(queue.name()));
      var group = groups.get(queue.name());
      if (group != null && group.serves(queue, handler)) {
        handler.close();
      } else {
        if (group != null) {
          group.close();
        }
        group = new Group(config, queue, handler);
        groups.put(queue.name(), group);
      }
      group.resize(queue.workers());
    }
  }

  /** Closes the handlers of sub-consumers that have ended, or end soon. Nothing begins any more. */
  synchronized void close() {
    groups.values().forEach(Group::close);
    groups.clear();
  }

  /** The sub-consumers of one queue that have the same handler. */
  private final class Group {

    private final WorkerConfig config;
    private final WorkerConfig.Queue queue;
    private final QueueHandler handler;
    private final RateLimit limit;

    /** The group itself, and its sub-consumers: whoever is the last closes the handler. */
    private final AtomicInteger users = new AtomicInteger(1);

    private int workers;

    Group(WorkerConfig config, WorkerConfig.Queue queue, QueueHandler handler) {
      this.config = config;
      this.queue = queue;
      this.handler = handler;
      this.limit = new RateLimit(queue.maxEventsPerSecond());
    }

    boolean serves(WorkerConfig.Queue other, QueueHandler otherHandler) {
      return queue.differsInWorkersOnly(other) && handler.origin().equals(otherHandler.origin());
    }

    void resize(int wanted) {
      IntStream.rangeClosed(wanted + 1, workers).forEach(this::release);
      IntStream.rangeClosed(workers + 1, wanted).forEach(this::start);
      workers = wanted;
    }

    void close() {
      resize(0);
      leave();
    }

    private void release(int slot) {
      supervisor.release(SubConsumer.name(config.subConsumer(queue, slot)), config.stopDeadline());
    }

    private void start(int slot) {
      var id = config.subConsumer(queue, slot);
      users.incrementAndGet();
      var wakeup = wakeups.register(queue.name());
      supervisor.start(
          new SubConsumer(
              id,
              thread(),
              () -> processor(id),
              connections(),
              wakeup,
              gates,
              limitOfBatches(),
              metrics.apply(queue.name()),
              () -> {
                wakeups.unregister(queue.name(), wakeup);
                leave();
              }));
    }

    private DataSource connections() {
      return pools.pool(config.handlersDestination(), BATCH_CONNECTIONS);
    }

    private void leave() {
      if (users.decrementAndGet() == 0) {
        handler.close();
      }
    }

    /** What is called outside the database is held back call by call, within its batch. */
    private RateLimit limitOfBatches() {
      return handler instanceof QueueHandler.InTransaction ? limit : RateLimit.none();
    }

    /**
     * One of the platform for a handler that may ask the database something for each event: a
     * virtual thread that waits for so short an answer spends more on being parked and woken than
     * the answer costs.
     */
    private Thread.Builder thread() {
      return switch (handler) {
        case QueueHandler.InTransaction _ -> Thread.ofPlatform().daemon();
        case QueueHandler.Outside _ -> Thread.ofVirtual();
      };
    }

    private BatchProcessor processor(SubConsumerId id) {
      var connections = connections();
      var failedEvents = new FailedEvents(queue.retry());
      var heartbeatConnections = heartbeatPools.pool(config.destination(), HEARTBEAT_CONNECTIONS);
      return switch (handler) {
        case QueueHandler.InTransaction inTransaction ->
            new ProcessBatch(
                id,
                inTransaction.work(),
                connections,
                heartbeatConnections,
                config.deadInterval(),
                config.heartbeatInterval(),
                failedEvents,
                config.fetchSize());
        case QueueHandler.Outside(var caller) ->
            new CallBatch(
                id,
                caller,
                failedEvents,
                limit,
                connections,
                heartbeatConnections,
                config.deadInterval(),
                config.heartbeatInterval(),
                config.fetchSize());
      };
    }
  }
}
