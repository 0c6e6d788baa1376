package io.github.pgqfleet.worker;

import com.codahale.metrics.MetricRegistry;
import io.github.pgqfleet.lifecycle.Daemon;
import io.github.pgqfleet.lifecycle.Health;
import io.github.pgqfleet.lifecycle.Periodically;
import io.github.pgqfleet.lifecycle.Supervisor;
import io.github.pgqfleet.metrics.AdminServer;
import io.github.pgqfleet.sql.Pools;
import io.github.pgqfleet.sql.Sessions;
import io.github.pgqfleet.worker.batch.BatchWork;
import io.github.pgqfleet.worker.batch.ProcessBatch;
import io.github.pgqfleet.worker.failed.FailedEvents;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The parts of a running worker, for one configuration. */
final class WorkerApplication implements Daemon.Application {

  private static final Logger log = LoggerFactory.getLogger(WorkerApplication.class);

  /** Heartbeats are rare and short, so a few connections serve any number of sub-consumers. */
  private static final int HEARTBEAT_CONNECTIONS = 4;

  private final WorkerConfig config;
  private final HandlerCatalog catalog;
  private final List<Part> parts = new ArrayList<>();
  private final MetricRegistry metrics = new MetricRegistry();
  private final Health health = new Health(InstantSource.system());
  private final Supervisor supervisor = new Supervisor(health, metrics);
  private final Sessions sessions = new Sessions("pgq-fleet worker");
  private final Pools pools = new Pools(sessions);

  /** Apart, so that a heartbeat never waits for a batch. */
  private final Pools heartbeatPools = new Pools(sessions);

  private @Nullable AdminServer admin;

  /**
   * A queue and what belongs to it.
   *
   * @param works what its sub-consumers do, one for each
   */
  record Part(WorkerConfig.Queue queue, List<BatchWork> works, QueueMetrics metrics) {}

  /**
   * Makes the handlers; nothing is started.
   *
   * @throws io.github.pgqfleet.config.ConfigurationException when a handler is unknown or refuses
   *     its settings
   */
  WorkerApplication(WorkerConfig config) {
    this.config = config;
    this.catalog = HandlerCatalog.load(config.handlersDirectory());
    for (var queue : config.queues().values()) {
      parts.add(
          new Part(
              queue,
              catalog.create(queue, config.fetchSize()),
              QueueMetrics.of(metrics, queue.name())));
    }
  }

  @Override
  public void start() throws IOException {
    if (config.admin().enabled()) {
      admin =
          new AdminServer(config.admin(), metrics, health, () -> WorkerStatus.of(config, parts));
    }
    var wakeups = new Wakeups();
    var subConsumers = new ArrayList<SubConsumer>();
    for (var part : parts) {
      int slot = 0;
      for (var work : part.works()) {
        slot++;
        subConsumers.add(subConsumer(part, slot, work, wakeups));
      }
    }
    subConsumers.forEach(supervisor::start);
    log.info(
        "event=started destination={} consumer={} instance={} queues={} subconsumers={}",
        config.destination(),
        config.consumer(),
        config.instance(),
        parts.size(),
        subConsumers.size());
    supervisor.start(
        new TickWatcher(
            config.destination(),
            sessions,
            config.consumer(),
            config.pollInterval(),
            config.deadInterval(),
            wakeups));
    supervisor.start(new Periodically("figures", Periodically.FIGURES, new Figures(parts)::log));
  }

  private SubConsumer subConsumer(Part part, int slot, BatchWork work, Wakeups wakeups) {
    var id = config.subConsumer(part.queue(), slot);
    var connections = pools.pool(config.handlersDestination(), config.workers());
    var processBatch =
        new ProcessBatch(
            id,
            work,
            connections,
            heartbeatPools.pool(config.destination(), HEARTBEAT_CONNECTIONS),
            config.deadInterval(),
            config.heartbeatInterval(),
            new FailedEvents(part.queue().retry()),
            config.fetchSize());
    return new SubConsumer(
        id, processBatch, connections, wakeups.register(id.queue()), part.metrics());
  }

  @Override
  public boolean stop(Duration deadline) throws InterruptedException {
    var clean = supervisor.stop(deadline);
    parts.forEach(part -> part.works().forEach(BatchWork::close));
    pools.close();
    heartbeatPools.close();
    if (admin != null) {
      admin.close();
    }
    try {
      catalog.close();
    } catch (IOException e) {
      // The process ends, or goes on with a catalogue of its own.
    }
    return clean;
  }
}
