package io.github.pgqfleet.worker;

import io.github.pgqfleet.lifecycle.Daemon;
import io.github.pgqfleet.lifecycle.Health;
import io.github.pgqfleet.lifecycle.Periodically;
import io.github.pgqfleet.lifecycle.Supervisor;
import io.github.pgqfleet.metrics.AdminServer;
import io.github.pgqfleet.metrics.FleetMetrics;
import io.github.pgqfleet.metrics.ProcessMetrics;
import io.github.pgqfleet.sql.Pools;
import io.github.pgqfleet.sql.Sessions;
import io.github.pgqfleet.worker.flow.Gates;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The parts of a running worker. */
final class WorkerApplication implements Daemon.Application {

  private static final Logger log = LoggerFactory.getLogger(WorkerApplication.class);

  private final SortedMap<String, QueueHandler> handlers;
  private final FleetMetrics metrics = new FleetMetrics();
  private final Health health = new Health(InstantSource.system());
  private final Supervisor supervisor =
      new Supervisor(health, ProcessMetrics.register(metrics, health));
  private final Sessions sessions;
  private final Pools pools;

  /** Apart, so that a heartbeat never waits for a batch. */
  private final Pools heartbeatPools;

  private final Wakeups wakeups = new Wakeups();
  private final Gates gates = new Gates();
  private final GroupLags lags = new GroupLags();
  private final Slots slots;
  private volatile WorkerConfig config;
  private @Nullable AdminServer admin;

  /**
   * Makes the handlers; nothing is started.
   *
   * @throws io.github.pgqfleet.config.ConfigurationException when a handler is unknown or refuses
   *     its settings
   */
  WorkerApplication(WorkerConfig config) {
    this.config = config;
    this.handlers = handlers(config);
    this.sessions = new Sessions(config.applicationName());
    this.pools = new Pools(sessions);
    this.heartbeatPools = new Pools(sessions);
    this.slots = new Slots(supervisor, pools, heartbeatPools, wakeups, gates, this::metricsOf);
  }

  private static SortedMap<String, QueueHandler> handlers(WorkerConfig config) {
    var handlers = new TreeMap<String, QueueHandler>();
    try (var catalog = HandlerCatalog.load(config.handlersDirectory())) {
      for (var queue : config.queues().values()) {
        handlers.put(queue.name(), catalog.handler(queue, config.fetchSize()));
      }
    } catch (RuntimeException e) {
      handlers.values().forEach(QueueHandler::close);
      throw e;
    }
    return handlers;
  }

  @Override
  public void start() throws IOException {
    if (config.admin().enabled()) {
      try {
        admin =
            new AdminServer(
                config.admin(),
                metrics,
                health,
                () -> WorkerStatus.of(config, gates, this::metricsOf));
      } catch (IOException e) {
        handlers.values().forEach(QueueHandler::close);
        throw e;
      }
    }
    ProcessMetrics.register(metrics, config.destination().server(), pools, heartbeatPools);
    showQueues();
    slots.become(config, handlers);
    tell("started");
    supervisor.start(
        new TickWatcher(
            config.destination(),
            sessions,
            config.consumer(),
            config.pollInterval(),
            config.deadInterval(),
            wakeups,
            gates,
            lags));
    supervisor.start(
        new Periodically(
            "figures",
            Periodically.FIGURES,
            new Figures(() -> config.queues().keySet(), this::metricsOf)::log));
  }

  @Override
  public boolean adopt(Daemon.Application application) {
    if (!(application instanceof WorkerApplication next)
        || !config.differsInQueuesOnly(next.config)) {
      return false;
    }
    var gone = new TreeSet<>(config.queues().keySet());
    config = next.config;
    slots.become(config, next.handlers);
    showQueues();
    gone.removeAll(config.queues().keySet());
    gone.forEach(queue -> metrics.remove(WorkerMetric.LABELS, queue, config.consumer()));
    next.closePools();
    tell("changed");
    return true;
  }

  private void tell(String event) {
    log.info(
        "event={} destination={} consumer={} instance={} queues={} subconsumers={}",
        event,
        config.destination(),
        config.consumer(),
        config.instance(),
        config.queues().size(),
        config.workers());
  }

  private void showQueues() {
    var consumer = config.consumer();
    for (var its : config.queues().values()) {
      var queue = its.name();
      metrics.gauge(WorkerMetric.SUBCONSUMERS, its::workers, queue, consumer);
      metrics.gauge(WorkerMetric.PAUSED, () -> gates.isPaused(queue) ? 1 : 0, queue, consumer);
      metrics.gauge(WorkerMetric.LAG, () -> lags.lagSeconds(queue), queue, consumer);
      metrics.gauge(WorkerMetric.PENDING, () -> lags.pendingEvents(queue), queue, consumer);
      metricsOf(queue);
    }
  }

  QueueMetrics metricsOf(String queue) {
    return QueueMetrics.of(metrics, queue, config.consumer());
  }

  @Override
  public boolean responds(Duration within) throws InterruptedException {
    return supervisor.responds(within);
  }

  @Override
  public boolean stop(Duration deadline) throws InterruptedException {
    var clean = supervisor.stop(deadline);
    slots.close();
    closePools();
    if (admin != null) {
      admin.close();
    }
    return clean;
  }

  private void closePools() {
    pools.close();
    heartbeatPools.close();
  }
}
