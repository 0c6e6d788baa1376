package io.github.pgqfleet.sql;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.HikariPoolMXBean;
import com.zaxxer.hikari.metrics.IMetricsTracker;
import java.sql.SQLTransientConnectionException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.atomic.LongAdder;
import javax.sql.DataSource;

/**
 * A small connection pool for each database. Thread-safe.
 *
 * <p>All pools share one housekeeping thread, and a pool that is not used for long holds no
 * connection, so that 256 of them cost next to nothing.
 */
public final class Pools implements AutoCloseable {

  /** Longer than the pause between two idle ticks, so that an idle fleet does not reconnect. */
  private static final Duration IDLE = Duration.ofMinutes(10);

  private final Sessions sessions;
  private final Map<Key, HikariDataSource> pools = new ConcurrentHashMap<>();
  private final Map<String, LongAdder> timeouts = new ConcurrentHashMap<>();
  private final ScheduledExecutorService housekeeper =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("pool-housekeeper").factory());

  private record Key(Database database, boolean spare) {}

  /** How many connections to a server there are, and threads that wait for one. */
  public record Use(int active, int idle, int waiting) {}

  public Pools(Sessions sessions) {
    this.sessions = sessions;
  }

  /**
   * The pool of a database, made at the first call.
   *
   * @param maximum most connections that the pool holds; what the first call says counts
   */
  public DataSource pool(Database database, int maximum) {
    return pool(new Key(database, false), maximum);
  }

  /** A second pool of a database, for connections that are seldom needed; otherwise the same. */
  public DataSource spare(Database database, int maximum) {
    return pool(new Key(database, true), maximum);
  }

  private DataSource pool(Key key, int maximum) {
    return pools.computeIfAbsent(key, k -> create(k.database(), maximum));
  }

  /** Closes the pools of a database that has left the fleet; its connections in use are cut. */
  public void release(Database database) {
    for (var spare : new boolean[] {false, true}) {
      var pool = pools.remove(new Key(database, spare));
      if (pool != null) {
        pool.close();
      }
    }
  }

  /** The connections of all pools to a server. Asks no server. */
  public Use use(String server) {
    var active = 0;
    var idle = 0;
    var waiting = 0;
    for (var its : pools.entrySet()) {
      HikariPoolMXBean pool = its.getValue().getHikariPoolMXBean();
      if (its.getKey().database().server().equals(server) && pool != null) {
        active += pool.getActiveConnections();
        idle += pool.getIdleConnections();
        waiting += pool.getThreadsAwaitingConnection();
      }
    }
    return new Use(active, idle, waiting);
  }

  /** How many waits for a connection to a server have ended without one. */
  public long timeouts(String server) {
    return timeoutsOf(server).sum();
  }

  private LongAdder timeoutsOf(String server) {
    return timeouts.computeIfAbsent(server, s -> new LongAdder());
  }

  private HikariDataSource create(Database database, int maximum) {
    var config = new HikariConfig();
    config.setPoolName(database.id());
    config.setDataSource(sessions.dataSource(database));
    config.setMaximumPoolSize(maximum);
    // What the sessions begin with. Left out, it is asked for once, and a pool whose connection
    // breaks over that question never gives out a usable one again (HikariCP's issue 1944).
    config.setTransactionIsolation("TRANSACTION_READ_COMMITTED");
    config.setMinimumIdle(0);
    config.setIdleTimeout(IDLE.toMillis());
    // No pings in between: a connection that has rested is tested when it is asked for.
    config.setKeepaliveTime(0);
    config.setConnectionTimeout(database.settings().connectTimeout().multipliedBy(2).toMillis());
    // A database that is down must not keep the process from starting.
    config.setInitializationFailTimeout(-1);
    config.setScheduledExecutor(housekeeper);
    // HikariCP's own metrics would be ten a pool, two of them with a thousand samples each.
    config.setMetricsTrackerFactory((name, stats) -> new Timeouts(timeoutsOf(database.server())));
    // What opens a connection spins until a waiting thread has taken it. Were it a virtual thread,
    // it could keep that one from the carriers for ever.
    config.setThreadFactory(
        Thread.ofPlatform().daemon().name("pool-" + database.id() + "-", 0).factory());
    return new HikariDataSource(config);
  }

  /** Why there was no connection, of which a pool itself says only that there was none. */
  public static Throwable reason(Throwable failure) {
    var pooled = failure instanceof SQLTransientConnectionException;
    return pooled && failure.getCause() != null ? failure.getCause() : failure;
  }

  @Override
  public void close() {
    pools.values().forEach(HikariDataSource::close);
    pools.clear();
    housekeeper.shutdownNow();
  }

  /** What HikariCP tells of a pool as it happens. */
  private record Timeouts(LongAdder count) implements IMetricsTracker {

    @Override
    public void recordConnectionTimeout() {
      count.increment();
    }
  }
}
