package io.github.pgqfleet.ticker;

import io.github.pgqfleet.lifecycle.Service;
import io.github.pgqfleet.lifecycle.ServiceContext;
import io.github.pgqfleet.sql.Database;
import io.github.pgqfleet.sql.Sessions;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;

/**
 * One look a server, in place of one a database: with each beat it sees where something was
 * committed, and gives those databases their {@link Turn}. Waking 256 sessions is what a ticker
 * costs, so it wakes those alone that may have something to do.
 *
 * <p>Nothing depends on it but the cost: without a pulse, each database is looked at each period,
 * and with one, each now and then. One thread runs it; the rest is thread-safe.
 */
final class ServerPulse implements Service {

  /** Bound on an answer; after it each database is looked at by itself. */
  private static final Duration PATIENCE = Duration.ofSeconds(2);

  /**
   * The longest time between two beats, however long the databases' periods: they show other
   * tickers that this one is alive.
   */
  static final Duration LONGEST = Duration.ofMillis(500);

  /**
   * So many beats come in a period that is shorter than that, while there is something to see: the
   * sooner is ticked what is written after a pause, and the fewer databases have their turn at
   * once.
   */
  private static final int BEATS = 4;

  /** A look at hundreds of sessions takes milliseconds. */
  private static final Duration SHORTEST = Duration.ofMillis(25);

  /** After so many periods without a change there is nothing to see. */
  private static final int QUIET_PERIODS = 5;

  /** By so much the databases are woken one after the other, where the interval has room for it. */
  private static final Duration APART = Duration.ofMillis(1);

  private final String server;
  private final Sessions sessions;
  private final TickerMetrics metrics;
  private final boolean moversWrite;
  private final Map<Turn, Boolean> turns = new ConcurrentHashMap<>();
  private volatile long beatingOn;
  private volatile boolean beats;
  private volatile long lastChange = System.nanoTime();

  ServerPulse(String server, Sessions sessions, TickerMetrics metrics) {
    this.server = server;
    this.sessions = sessions;
    this.metrics = metrics;
    this.moversWrite = server.equals(Database.DESTINATION_SERVER);
  }

  static String nameOf(String server) {
    return "pulse " + server;
  }

  @Override
  public String name() {
    return nameOf(server);
  }

  @Override
  public boolean interruptible() {
    return true;
  }

  /** From now on a database gets its turns. */
  void join(Turn turn) {
    turns.put(turn, true);
  }

  /** And from now on no more. */
  void leave(Turn turn) {
    turns.remove(turn);
  }

  /** Whether turns are given to sessions on this server. */
  boolean beatsFor(Turn turn) {
    return beats && beatingOn == turn.systemIdentifier();
  }

  @Override
  public void run(ServiceContext context) throws Exception {
    var database = anyDatabase();
    while (database.isEmpty()) {
      if (!context.sleep(LONGEST)) {
        return;
      }
      database = anyDatabase();
    }
    try (var look = ServerLook.open(sessions, database.get(), PATIENCE, moversWrite)) {
      beatingOn = look.systemIdentifier();
      var interval = LONGEST;
      var cadence = new Cadence(interval, System::nanoTime);
      do {
        var wanted = interval();
        if (!wanted.equals(interval)) {
          interval = wanted;
          cadence = new Cadence(interval, System::nanoTime);
        }
        beat(look, interval);
        context.succeeded();
      } while (context.sleep(cadence.untilNext()));
    } finally {
      beats = false;
      turns.keySet().forEach(Turn::wake);
    }
  }

  /**
   * The server can be seen from any of its databases; always from the same, as long as it is there.
   */
  private Optional<Database> anyDatabase() {
    return turns.keySet().stream()
        .map(turn -> turn.state().database())
        .min(Comparator.comparing(Database::id));
  }

  /** From one beat to the next, as things are now. */
  Duration interval() {
    var period = shortestPeriod();
    var quiet = System.nanoTime() - lastChange > period.multipliedBy(QUIET_PERIODS).toNanos();
    if (quiet || period.compareTo(LONGEST) >= 0 || period.compareTo(SHORTEST) <= 0) {
      return period;
    }
    var part = period.dividedBy(BEATS);
    return part.compareTo(SHORTEST) > 0 ? part : SHORTEST;
  }

  private Duration shortestPeriod() {
    return turns.keySet().stream()
        .map(turn -> turn.state().period())
        .filter(period -> period.compareTo(LONGEST) < 0)
        .min(Comparator.naturalOrder())
        .orElse(LONGEST);
  }

  private void beat(ServerLook look, Duration interval) throws SQLException {
    var changed = look.changed(this::ticks);
    beats = true;
    metrics.beat();
    if (!changed.equals(ServerLook.Changed.NOWHERE)) {
      lastChange = System.nanoTime();
    }
    var wanted = wanted(changed, interval.toNanos() / 2);
    var apart = apart(wanted.size(), interval);
    for (var turn : wanted) {
      turn.give();
      if (apart > 0) {
        LockSupport.parkNanos(apart);
      }
    }
  }

  /** Those that were made, by the names of the databases where none is made just now. */
  private Map<String, Long> ticks() {
    return turns.keySet().stream()
        .filter(Turn::isWaiting)
        .collect(
            Collectors.toMap(
                turn -> turn.state().database().name(),
                turn -> turn.state().ticks(),
                (one, other) -> other));
  }

  /** Always in the same order, so that the ticks of a queue come at even intervals. */
  private List<Turn> wanted(ServerLook.Changed changed, long slack) {
    var now = System.nanoTime();
    return turns.keySet().stream()
        .filter(turn -> turn.systemIdentifier() == beatingOn)
        .filter(turn -> turn.isWanted(changed.in(turn.state().database().name()), now, slack))
        .sorted(Comparator.comparing(turn -> turn.state().database().id()))
        .toList();
  }

  /** All at once they would hold up the applications, and one another. */
  private static long apart(int wanted, Duration interval) {
    return wanted <= 1 ? 0 : Math.min(APART.toNanos(), interval.toNanos() / 2 / wanted);
  }
}
