package io.github.pgqfleet.ticker;

import io.github.pgqfleet.config.Server;
import io.github.pgqfleet.fleet.DiscoveryService;
import io.github.pgqfleet.lifecycle.Daemon;
import io.github.pgqfleet.lifecycle.Health;
import io.github.pgqfleet.lifecycle.Periodically;
import io.github.pgqfleet.lifecycle.Supervisor;
import io.github.pgqfleet.metrics.AdminServer;
import io.github.pgqfleet.metrics.FleetMetrics;
import io.github.pgqfleet.metrics.ProcessMetrics;
import io.github.pgqfleet.sql.Database;
import io.github.pgqfleet.sql.Sessions;
import io.github.pgqfleet.ticker.DatabaseMaintenance.Kind;
import io.github.pgqfleet.ticker.page.FleetPage;
import io.github.pgqfleet.ticker.page.Standing;
import io.github.pgqfleet.ticker.page.Surveys;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The running ticker: a service for each database, those that find them, and the admin server. */
final class TickerApplication implements Daemon.Application {

  private static final Logger log = LoggerFactory.getLogger(TickerApplication.class);
  private static final Duration END_LOOK = Duration.ofMillis(50);

  private final TickerConfig config;
  private final Lifetime lifetime;
  private final FleetMetrics registry = new FleetMetrics();
  private final Health health = new Health(InstantSource.system());
  private final Supervisor supervisor =
      new Supervisor(health, ProcessMetrics.register(registry, health));
  private final FleetStates states;
  private final TickerMetrics metrics = new TickerMetrics(registry);
  private final Sessions sessions = ApplicationName.ticking();
  private final Ticking ticking;
  private final Map<String, String> notLookedUp = new ConcurrentHashMap<>();
  private @Nullable FleetPage page;
  private @Nullable AdminServer admin;

  TickerApplication(TickerConfig config, Lifetime lifetime) {
    this.config = config;
    this.lifetime = lifetime;
    this.states = new FleetStates(config::period, InstantSource.system());
    this.ticking =
        new Ticking(
            config,
            sessions,
            ApplicationName.maintaining(),
            pulses(),
            new ServerGates(),
            new FailureLog(health, metrics),
            new Alarms(config.limits(), health),
            metrics,
            new Surveys(config.page(), InstantSource.system()),
            new Starter());
    metrics.show(states);
  }

  private Map<String, ServerPulse> pulses() {
    var fleet = config.fleet();
    var pulses = new HashMap<String, ServerPulse>();
    Stream.concat(
            fleet.servers().stream().map(Server::name), Stream.of(fleet.destination().server()))
        .forEach(server -> pulses.put(server, new ServerPulse(server, sessions, metrics)));
    return pulses;
  }

  @Override
  public void start() throws Exception {
    // Two starts of a cron job overlap on one host, so they have no port of their own.
    if (config.admin().enabled() && !lifetime.isBounded()) {
      page =
          new FleetPage(
              config.page(),
              config.admin(),
              config.fleet().destination(),
              this::standings,
              ticking.surveys(),
              health,
              ApplicationName.page());
      admin = new AdminServer(config.admin(), registry, health, this::status, Map.of("/", page));
    }
    log.info(
        "event=started servers={} period={} lifetime_bounded={}",
        config.fleet().servers().size(),
        config.defaultPeriod(),
        lifetime.isBounded());
    var watch = new TickWatch(states, health, metrics, InstantSource.system());
    supervisor.start(new Periodically("watch", TickWatch.LOOK_EVERY, watch::look));
    supervisor.start(new Periodically("figures", Periodically.FIGURES, watch::figures));
    ticking.pulses().values().forEach(supervisor::start);
    appeared(config.fleet().destination());
    config.fleet().servers().stream().map(this::discovery).forEach(supervisor::start);
  }

  private DiscoveryService discovery(Server server) {
    return new DiscoveryService(
        server, sessions, config.fleet().discoveryPeriod(), this::appeared, this::vanished);
  }

  private void appeared(Database database) {
    var state = states.add(database);
    metrics.show(state, ticking.alarms());
    supervisor.start(new DatabaseTicker(database, ticking, state, lifetime));
  }

  private void vanished(Database database) {
    states.remove(database);
    supervisor.release(DatabaseTicker.nameOf(database));
    for (var kind : Kind.values()) {
      supervisor.release(DatabaseMaintenance.nameOf(kind, database));
    }
    ticking.failures().forget(database);
    ticking.alarms().forget(database);
    metrics.left(database);
    ticking.surveys().remove(database);
  }

  private List<Standing> standings() {
    return states.all().stream().map(DatabaseState::standing).toList();
  }

  private Object status() {
    return states.all().stream().map(DatabaseState::view).toList();
  }

  @Override
  public boolean stop(Duration deadline) throws InterruptedException {
    var clean = supervisor.stop(deadline);
    if (admin != null) {
      admin.close();
    }
    if (page != null) {
      page.close();
    }
    return clean;
  }

  @Override
  public boolean responds(Duration within) throws InterruptedException {
    return supervisor.responds(within);
  }

  /**
   * Ends when the lifetime is over and each database that this process led has been handed over.
   */
  @Override
  public void awaitEnd() throws InterruptedException {
    lifetime.awaitOver();
    log.info("event=lifetime_over leading={}", states.leading());
    // What cannot be looked up is not ticked, and no database's own trouble.
    var discoveries =
        config.fleet().servers().stream().map(s -> DiscoveryService.nameOf(s.name())).toList();
    notLookedUp.putAll(whats());
    notLookedUp.keySet().retainAll(discoveries);
    discoveries.forEach(supervisor::release);
    while (isTickingAny()) {
      TimeUnit.NANOSECONDS.sleep(END_LOOK.toNanos());
    }
  }

  private boolean isTickingAny() {
    var any = false;
    for (var state : states.all()) {
      var name = DatabaseTicker.nameOf(state.database());
      if (supervisor.isRunning(name)) {
        any = true;
        if (!state.leads()) {
          supervisor.release(name);
        }
      }
    }
    return any;
  }

  /** What is wrong now, by the database's id; for the exit code. */
  Map<String, String> problems() {
    var problems = new TreeMap<>(notLookedUp);
    problems.putAll(whats());
    states.all().forEach(s -> s.problem().ifPresent(p -> problems.put(s.database().id(), p)));
    return problems;
  }

  private Map<String, String> whats() {
    var whats = new HashMap<String, String>();
    health.problems().forEach((part, problem) -> whats.put(part, problem.what()));
    return whats;
  }

  /** Maintenance as services that end of themselves. */
  private final class Starter implements Ticking.MaintenanceStarter {

    @Override
    public void maintain(DatabaseState state) {
      start(state, Kind.OPERATIONS);
    }

    @Override
    public void retry(DatabaseState state) {
      start(state, Kind.RETRIES);
    }

    private void start(DatabaseState state, Kind kind) {
      if (!supervisor.isRunning(DatabaseMaintenance.nameOf(kind, state.database()))) {
        supervisor.start(new DatabaseMaintenance(ticking, state, kind));
      }
    }
  }
}
