package io.github.pgqfleet.mover;

import com.codahale.metrics.Gauge;
import com.codahale.metrics.Meter;
import com.codahale.metrics.MetricRegistry;
import io.github.pgqfleet.fleet.DiscoveryService;
import io.github.pgqfleet.lifecycle.Daemon;
import io.github.pgqfleet.lifecycle.Health;
import io.github.pgqfleet.lifecycle.Periodically;
import io.github.pgqfleet.lifecycle.Service;
import io.github.pgqfleet.lifecycle.Supervisor;
import io.github.pgqfleet.metrics.AdminServer;
import io.github.pgqfleet.sql.Database;
import io.github.pgqfleet.sql.Pools;
import io.github.pgqfleet.sql.Sessions;
import java.time.Duration;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The running mover: its parts, and how they hang together. */
final class MoverApplication implements Daemon.Application {

  private static final Logger log = LoggerFactory.getLogger(MoverApplication.class);

  private final MoverConfig config;

  private final Health health = new Health(InstantSource.system());
  private final MetricRegistry metrics = new MetricRegistry();
  private final Supervisor supervisor = new Supervisor(health, metrics);
  private final Sessions sessions = new Sessions("pgq-fleet mover");
  private final Pools pools = new Pools(sessions);
  private final Map<Database, Lender> lenders = new ConcurrentHashMap<>();
  private final Map<String, SourceDatabase> sources = new ConcurrentHashMap<>();
  private final Map<String, QueueState> states = new ConcurrentHashMap<>();
  private final Meter events = metrics.meter("mover.events");
  private final Meter batches = metrics.meter("mover.batches");
  private final BufferMemory memory;
  private final Lender destination;
  private final Map<String, GroupCommit> commits = new LinkedHashMap<>();
  private final Supervisor committing = new Supervisor(health, metrics);
  private @Nullable AdminServer admin;

  MoverApplication(MoverConfig config) {
    this.config = config;
    this.memory = new BufferMemory(config.bufferMemory(), config.bufferBytes());
    var routes = config.fleet().queues().keySet();
    var pool =
        pools.pool(
            longBatches(config.fleet().destination()),
            config.destinationConnections() + routes.size());
    this.destination = new Lender(pool, config.destinationConnections());
    var small = new Lender(pool, routes.size());
    routes.forEach(
        queue ->
            commits.put(
                queue,
                new GroupCommit(queue, config.route(queue), small, config.commitInterval())));
    metrics.register("mover.sources.leading", (Gauge<Long>) this::leading);
    metrics.register("mover.positions.lost", (Gauge<Long>) this::lost);
  }

  @Override
  public void start() throws Exception {
    if (config.admin().enabled()) {
      admin = new AdminServer(config.admin(), metrics, health, this::status);
    }
    log.info(
        "event=started servers={} queues={} destination={} consumer={}",
        config.fleet().servers().size(),
        config.fleet().queues().size(),
        config.fleet().destination(),
        config.consumer());
    for (var server : config.fleet().servers()) {
      supervisor.start(
          new DiscoveryService(
              server, sessions, config.fleet().discoveryPeriod(), this::add, this::remove));
    }
    commits.values().forEach(committing::start);
    supervisor.start(new Periodically("figures", Periodically.FIGURES, this::logFigures));
  }

  @Override
  public boolean stop(Duration deadline) throws InterruptedException {
    var clean = supervisor.stop(deadline);
    // Only now: what is under way needs them to be finished.
    committing.stop(Duration.ZERO);
    pools.close();
    if (admin != null) {
      admin.close();
    }
    return clean;
  }

  Health health() {
    return health;
  }

  MetricRegistry metrics() {
    return metrics;
  }

  private void add(Database database) {
    var source = new SourceDatabase(database, config, sessions, health, metrics, this::moverOf);
    sources.put(database.id(), source);
    supervisor.start(source);
  }

  private void remove(Database database) {
    supervisor.release(database.id());
    sources.remove(database.id());
    config.queues(database).forEach(queue -> states.remove(queue.id()));
    lenders.remove(database);
    pools.release(longBatches(database));
  }

  private Service moverOf(SourceDatabase.SourceQueueWakeup woken) {
    var queue = woken.queue();
    var state = states.computeIfAbsent(queue.id(), id -> new QueueState(this::moved));
    var transport =
        new MoveBatch.Transport(
            lenders.computeIfAbsent(
                queue.source(), source -> lender(source, config.sourceConnections())),
            destination,
            Objects.requireNonNull(commits.get(queue.queue())),
            memory,
            config.coalesceEvents());
    return new QueueMover(queue, transport, config.finishDelay(), woken.wakeup(), state);
  }

  private Lender lender(Database database, int connections) {
    return new Lender(pools.pool(longBatches(database), connections), connections);
  }

  private Database longBatches(Database database) {
    return new Database(
        database.server(),
        database.name(),
        database.settings().withStatementTimeout(config.batchTimeout()));
  }

  private void moved(long count) {
    events.mark(count);
    batches.mark();
  }

  private long leading() {
    return sources.values().stream().filter(SourceDatabase::isLeading).count();
  }

  private long lost() {
    return states.values().stream().filter(QueueState::isLost).count();
  }

  private Object status() {
    return Map.of(
        "sources", sources.size(),
        "leading", leading(),
        "events", events.getCount(),
        "batches", batches.getCount(),
        "positions_lost", lost(),
        "problems", health.problems().keySet());
  }

  private void logFigures() {
    log.info(
        "event=figures sources={} leading={} events={} events_per_s={} batches_per_s={}"
            + " positions_lost={} problems={}",
        sources.size(),
        leading(),
        events.getCount(),
        Math.round(events.getOneMinuteRate()),
        Math.round(batches.getOneMinuteRate()),
        lost(),
        health.problems().size());
  }
}
