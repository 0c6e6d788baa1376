package io.github.pgqfleet.ticker;

import io.github.pgqfleet.lifecycle.ServiceContext;
import io.github.pgqfleet.sql.Database;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import java.util.random.RandomGenerator;

/**
 * The sessions of one database's ticker, one after the other. Replacing one never lets two tick:
 * the old one leads until the new one is there, and lets go before that one tries. Not thread-safe.
 */
final class DatabaseSessions {

  /** A session that could not be replaced stays, and this is how long. */
  private static final Duration AGAIN = Duration.ofMinutes(1);

  private final Database database;
  private final Ticking ticking;
  private final SuspectQueues suspects;
  private final String part;
  private long end;

  DatabaseSessions(Database database, Ticking ticking, SuspectQueues suspects) {
    this.database = database;
    this.ticking = ticking;
    this.suspects = suspects;
    this.part = "new session " + database;
  }

  /** Opens the first; nothing when a stop is requested before. */
  Optional<TickingSession> first(ServiceContext context) throws SQLException, InterruptedException {
    var session = open(context);
    ticking.failures().succeeded(database, part);
    lastFor(lifetime());
    return session;
  }

  /** Whether the present session has lived long enough. */
  boolean areOld() {
    return System.nanoTime() - end >= 0;
  }

  /**
   * Opens a new session in place of an old one, which is closed; or returns the old one when there
   * can be no new one now.
   *
   * @throws SQLException when the old one is lost
   */
  TickingSession replacementOf(TickingSession old, ServiceContext context)
      throws SQLException, InterruptedException {
    Optional<TickingSession> fresh;
    try {
      fresh = open(context);
      ticking.failures().succeeded(database, part);
    } catch (SQLException | RuntimeException e) {
      ticking.failures().failed(database, part, e);
      fresh = Optional.empty();
    }
    if (fresh.isEmpty()) {
      lastFor(AGAIN);
      return old;
    }
    try (old) {
      old.leadership().release();
    } catch (SQLException e) {
      fresh.get().close();
      throw e;
    }
    lastFor(lifetime());
    return fresh.get();
  }

  private Optional<TickingSession> open(ServiceContext context)
      throws SQLException, InterruptedException {
    return ticking.gates().connecting(database, context, () -> ticking.open(database, suspects));
  }

  private void lastFor(Duration length) {
    end = System.nanoTime() + length.toNanos();
  }

  /** Not the same for all, so that they are not replaced together. */
  private Duration lifetime() {
    var full = ticking.config().connectionLifetime();
    return Duration.ofNanos(
        (long) (full.toNanos() * (0.75 + RandomGenerator.getDefault().nextDouble() / 4)));
  }
}
