package io.github.pgqfleet.mover;

import com.codahale.metrics.Counter;
import io.github.pgqfleet.config.Server;
import io.github.pgqfleet.fleet.DiscoveryService;
import io.github.pgqfleet.lifecycle.Daemon;
import io.github.pgqfleet.lifecycle.Health;
import io.github.pgqfleet.lifecycle.Periodically;
import io.github.pgqfleet.lifecycle.Service;
import io.github.pgqfleet.lifecycle.Supervisor;
import io.github.pgqfleet.metrics.AdminServer;
import io.github.pgqfleet.metrics.FleetMetrics;
import io.github.pgqfleet.metrics.ProcessMetrics;
import io.github.pgqfleet.sql.Database;
import io.github.pgqfleet.sql.Pools;
import io.github.pgqfleet.sql.Sessions;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The running mover: its parts, and how they hang together. */
final class MoverApplication implements Daemon.Application, LedQueues {

  private static final Logger log = LoggerFactory.getLogger(MoverApplication.class);

  /** For taking the heartbeat back, when all else has stopped. */
  private static final Duration WITHDRAWAL = Duration.ofSeconds(2);

  private final MoverConfig config;

  private final Health health = new Health(InstantSource.system());
  private final FleetMetrics metrics = new FleetMetrics();
  private final Counter failures = ProcessMetrics.register(metrics, health);
  private final Supervisor supervisor = new Supervisor(health, failures);

  /** Ends after all others: while work is under way, the other movers shall not think us dead. */
  private final Supervisor heartbeat = new Supervisor(health, failures);

  private final MoverId self;
  private final Sessions sessions;
  private final Pools pools;
  private final Sharing sharing;
  private final Transports transports;
  private final Set<String> sources = ConcurrentHashMap.newKeySet();
  private final Map<String, QueueState> states = new ConcurrentHashMap<>();
  private final Figures figures;
  private @Nullable AdminServer admin;

  /**
   * @param self the same after a reload, so that nothing changes hands
   */
  MoverApplication(MoverConfig config, MoverId self) {
    this.config = config;
    this.self = self;
    this.sessions = MoverSessions.moving(self);
    this.pools = new Pools(sessions);
    this.transports = new Transports(config, pools, health, failures);
    this.sharing = new Sharing(self, config.heartbeat());
    this.figures = new Figures(config, metrics);
    showFleet();
  }

  private void showFleet() {
    metrics.gauge(MoverMetric.SOURCES, sources::size);
    metrics.gauge(MoverMetric.LEADING, () -> sharing.leads().size());
    Stream.concat(
            config.fleet().servers().stream().map(Server::name),
            Stream.of(config.fleet().destination().server()))
        .forEach(server -> ProcessMetrics.register(metrics, server, pools));
  }

  @Override
  public void start() throws Exception {
    if (config.admin().enabled()) {
      admin = new AdminServer(config.admin(), metrics, health, this::status);
    }
    log.info(
        "event=started mover={} servers={} queues={} destination={} consumer={}",
        self.id(),
        config.fleet().servers().size(),
        config.fleet().queues().size(),
        config.fleet().destination(),
        config.consumer());
    transports.start();
    heartbeat.start(
        new Heartbeat(self, config, sessions, sharing, figures::json, this::startSources));
    supervisor.start(new Periodically("figures", Periodically.FIGURES, this::logFigures));
  }

  private void startSources() {
    for (var server : config.fleet().servers()) {
      supervisor.start(
          new DiscoveryService(
              server, sessions, config.fleet().discoveryPeriod(), this::add, this::remove));
    }
  }

  @Override
  public boolean stop(Duration deadline) throws InterruptedException {
    var clean = supervisor.stop(deadline);
    transports.stop();
    heartbeat.stop(WITHDRAWAL);
    pools.close();
    if (admin != null) {
      admin.close();
    }
    return clean;
  }

  @Override
  public boolean responds(Duration within) throws InterruptedException {
    return supervisor.responds(within);
  }

  Health health() {
    return health;
  }

  private void add(Database database) {
    metrics.gauge(
        MoverMetric.SOURCE_LAG, database, () -> figures.lagSeconds(database).orElse(null));
    metrics.gauge(MoverMetric.SOURCE_LOST, database, () -> lost(database));
    supervisor.start(
        new SourceDatabase(database, config, sessions, health, failures, sharing, this));
    sources.add(database.id());
  }

  private void remove(Database database) {
    supervisor.release(database.id());
    sources.remove(database.id());
    metrics.remove(database);
  }

  @Override
  public void left(Database database) {
    for (var queue : config.queues(database)) {
      states.remove(queue.id());
      figures.left(queue.id());
    }
    transports.release(database);
  }

  @Override
  public void looked(Database database, String queue, SourceLook look) {
    var id = database.id() + "/" + queue;
    var delivered = Optional.ofNullable(states.get(id)).flatMap(QueueState::delivered);
    figures.lag(id, queue, look.lag(delivered));
  }

  @Override
  public Service moverOf(SourceQueue queue, Wakeup wakeup) {
    var state =
        states.computeIfAbsent(
            queue.id(), id -> new QueueState((_, events) -> moved(queue, events)));
    return new QueueMover(queue, transports.of(queue), config.finishDelay(), wakeup, state);
  }

  private void moved(SourceQueue queue, long count) {
    figures.moved(queue.queue(), count);
  }

  private long lost(Database database) {
    return config.fleet().queues().keySet().stream()
        .map(queue -> states.get(database.id() + "/" + queue))
        .filter(state -> state != null && state.isLost())
        .count();
  }

  /** How many positions are lost. */
  long lost() {
    return states.values().stream().filter(QueueState::isLost).count();
  }

  private Object status() {
    return Map.of(
        "sources", sources.size(),
        "mover", self.id(),
        "leads", sharing.leads(),
        "routes", figures.routes(),
        "events", figures.events(),
        "batches", figures.batches(),
        "positions_lost", lost(),
        "problems", health.problems().keySet());
  }

  private void logFigures() {
    log.info(
        "event=figures sources={} leading={} events={} events_per_s={} batches_per_s={}"
            + " positions_lost={} problems={} routes=\"{}\"",
        sources.size(),
        sharing.leads().size(),
        figures.events(),
        Math.round(figures.eventsPerSecond()),
        Math.round(figures.batchesPerSecond()),
        lost(),
        health.problems().size(),
        figures.line());
  }
}
