package io.github.pgqfleet.ticker;

import io.github.pgqfleet.sql.Database;
import java.sql.SQLException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;

/**
 * Bounds on what is done at once on one server, however many of its databases are in the fleet.
 * Thread-safe.
 */
final class ServerGates {

  private static final int CONNECTING = 8;
  private static final int MAINTAINING = 2;

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

  /** Opens a session, when not too many are being opened on that server. */
  <T> T connecting(Database database, Opening<T> opening)
      throws SQLException, InterruptedException {
    var gate = gate(connecting, CONNECTING, database);
    gate.acquire();
    try {
      return opening.open();
    } finally {
      gate.release();
    }
  }

  /** Maintains a database, when not too many of that server are being maintained. */
  void maintaining(Database database, Work work) throws SQLException, InterruptedException {
    var gate = gate(maintaining, MAINTAINING, database);
    gate.acquire();
    try {
      work.run();
    } finally {
      gate.release();
    }
  }

  private static Semaphore gate(Map<String, Semaphore> gates, int width, Database database) {
    return gates.computeIfAbsent(database.server(), s -> new Semaphore(width));
  }
}
