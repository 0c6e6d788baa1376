package io.github.pgqfleet.mover;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Decides which source databases this mover leads. Thread-safe.
 *
 * <p>It only saves work. Two movers that move the same queue deliver nothing twice, since the
 * position's compare-and-set lets one of them win; so each decision here may rest on news that are
 * a few heartbeats old, or wrong.
 *
 * <ul>
 *   <li>Of the movers that are alive, the one that {@link Roster#rank ranks} first for a database
 *       is to lead it. While another does, it says that it is ready, and waits.
 *   <li>A leader steps down only for one that is ready, so that a mover that cannot reach a
 *       database does not take it from one that can.
 *   <li>The others have no session at the database at all; but if nobody has led it for a while,
 *       they try too, those that rank better sooner.
 *   <li>While this mover's own heartbeat fails it leads what it leads, and nothing new: without the
 *       destination nothing can be delivered anyway.
 * </ul>
 */
final class Sharing {

  /** So many heartbeats may fail to come before a mover counts as dead. */
  private static final int BEATS = 3;

  /** The roster, and when it was read. */
  private record News(Roster roster, Duration at) {}

  private final String self;
  private final Duration patience;
  private final Supplier<Duration> clock;
  private final Set<String> leads = ConcurrentHashMap.newKeySet();
  private final Set<String> ready = ConcurrentHashMap.newKeySet();
  private final Map<String, Duration> unledSince = new ConcurrentHashMap<>();
  private volatile @Nullable News news;

  Sharing(MoverId self, Duration heartbeat) {
    this(self.id(), heartbeat, () -> Duration.ofNanos(System.nanoTime()));
  }

  /**
   * @param clock the time since whenever; never goes back
   */
  Sharing(String self, Duration heartbeat, Supplier<Duration> clock) {
    this.self = self;
    this.patience = patience(heartbeat);
    this.clock = clock;
  }

  /** How long after a heartbeat the next may come before its mover counts as dead. */
  static Duration patience(Duration heartbeat) {
    return heartbeat.multipliedBy(BEATS);
  }

  /** A heartbeat has found this. */
  void heard(Roster roster) {
    news = new News(roster, clock.get());
  }

  /** Whether this mover is to lead a database, or to go on leading it, as far as it knows. */
  boolean shouldLead(String database) {
    var leading = leads.contains(database);
    var now = clock.get();
    var known = news;
    if (known == null || now.minus(known.at()).compareTo(patience) > 0) {
      return leading;
    }
    var roster = known.roster();
    if (roster.drained().contains(database)) {
      return false;
    }
    var rank = roster.rank(self, database);
    if (rank == 0) {
      return true;
    }
    if (leading) {
      return roster.preferred(self, database).stream().noneMatch(p -> p.ready().contains(database));
    }
    if (roster.isLed(database)) {
      unledSince.remove(database);
      return false;
    }
    var unled = now.minus(unledSince.computeIfAbsent(database, d -> now));
    return unled.compareTo(patience.multipliedBy(rank + 1L)) > 0;
  }

  /** This mover leads a database now. */
  void leads(String database) {
    leads.add(database);
    ready.remove(database);
    unledSince.remove(database);
  }

  /** This mover leads a database no more. */
  void left(String database) {
    leads.remove(database);
    unledSince.remove(database);
  }

  /** This mover would lead a database, and can reach it, but another leads it. */
  void ready(String database) {
    ready.add(database);
  }

  /** This mover is not waiting for a database any more. */
  void notReady(String database) {
    ready.remove(database);
  }

  /** The databases that this mover leads now, in the order of their names. */
  List<String> leads() {
    return leads.stream().sorted().toList();
  }

  /** The databases that it would lead if their leader let it, in the order of their names. */
  List<String> ready() {
    return ready.stream().sorted().toList();
  }

  /** The ids of movers whose heartbeat is stale. */
  Set<String> dead() {
    var known = news;
    return known == null ? Set.of() : known.roster().dead();
  }
}
