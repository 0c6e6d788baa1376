package io.github.pgqfleet.fleet;

import io.github.pgqfleet.config.Server;
import io.github.pgqfleet.lifecycle.Service;
import io.github.pgqfleet.lifecycle.ServiceContext;
import io.github.pgqfleet.sql.Database;
import io.github.pgqfleet.sql.Sessions;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps looking for the databases of one server, and says which appear and which vanish. A failed
 * look-up drops nothing.
 */
public final class DiscoveryService implements Service {

  private static final Logger log = LoggerFactory.getLogger(DiscoveryService.class);

  private final Server server;
  private final Sessions sessions;
  private final Duration period;
  private final Consumer<Database> appeared;
  private final Consumer<Database> vanished;
  private final Set<Database> known = new HashSet<>();

  /**
   * @param appeared called once for each database that is new
   * @param vanished called once for each that is gone
   */
  public DiscoveryService(
      Server server,
      Sessions sessions,
      Duration period,
      Consumer<Database> appeared,
      Consumer<Database> vanished) {
    this.server = server;
    this.sessions = sessions;
    this.period = period;
    this.appeared = appeared;
    this.vanished = vanished;
  }

  @Override
  public String name() {
    return nameOf(server.name());
  }

  /** The service's name for a server. */
  public static String nameOf(String server) {
    return "discovery " + server;
  }

  @Override
  public boolean interruptible() {
    return true;
  }

  @Override
  public Part part() {
    return Part.AWAITED;
  }

  @Override
  public void run(ServiceContext context) throws Exception {
    do {
      runOnce();
      context.succeeded();
    } while (context.sleep(period));
  }

  void runOnce() throws Exception {
    var found = new HashSet<>(Discovery.find(server, sessions));
    for (var database : Set.copyOf(known)) {
      if (!found.contains(database)) {
        log.info("database={} event=vanished", database);
        known.remove(database);
        vanished.accept(database);
      }
    }
    for (var database : found) {
      // Known only when it was accepted, so that one that was not is offered again.
      if (!known.contains(database)) {
        appeared.accept(database);
        known.add(database);
      }
    }
  }
}
