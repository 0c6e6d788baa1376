package io.github.pgqfleet.ticker;

import io.github.pgqfleet.lifecycle.ServiceContext;
import io.github.pgqfleet.sql.Database;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * Bounds on what is done at once on one server, however many of its databases are in the fleet.
 * Thread-safe.
 */
final class ServerGates {

  private static final int CONNECTING = 8;
  private static final int MAINTAINING = 2;

  /** So soon a stop is noticed. */
  private static final Duration LOOK_AFTER = Duration.ofMillis(200);

  private final Map<String, Semaphore> connecting = new ConcurrentHashMap<>();
  private final Map<String, Semaphore> maintaining = new ConcurrentHashMap<>();

  /** Something that is opened behind a gate. */
  @FunctionalInterface
  interface Opening<T> {
    T open() throws SQLException, InterruptedException;
  }

  /** Something that is done behind a gate. */
  @FunctionalInterface
  interface Work {
    void run() throws SQLException, InterruptedException;
  }

  /**
   * Opens a session, when not too many are being opened on that server.
   *
   * @return nothing when a stop was requested before its turn came
   */
  <T> Optional<T> connecting(Database database, ServiceContext context, Opening<T> opening)
      throws SQLException, InterruptedException {
    var gate = gate(connecting, CONNECTING, database);
    if (!acquired(gate, context)) {
      return Optional.empty();
    }
    try {
      return Optional.of(opening.open());
    } finally {
      gate.release();
    }
  }

  /** Maintains a database, when not too many of that server are being maintained. */
  void maintaining(Database database, ServiceContext context, Work work)
      throws SQLException, InterruptedException {
    var gate = gate(maintaining, MAINTAINING, database);
    if (acquired(gate, context)) {
      try {
        work.run();
      } finally {
        gate.release();
      }
    }
  }

  private static boolean acquired(Semaphore gate, ServiceContext context)
      throws InterruptedException {
    while (!gate.tryAcquire(LOOK_AFTER.toMillis(), TimeUnit.MILLISECONDS)) {
      if (context.stopRequested()) {
        return false;
      }
    }
    if (context.stopRequested()) {
      gate.release();
      return false;
    }
    return true;
  }

  private static Semaphore gate(Map<String, Semaphore> gates, int width, Database database) {
    return gates.computeIfAbsent(database.server(), s -> new Semaphore(width));
  }
}
