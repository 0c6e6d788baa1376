package io.github.pgqfleet.ticker;

import io.github.pgqfleet.lifecycle.Health;
import io.github.pgqfleet.sql.Database;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Warns of what is over its limit: in health, where it is no failure of the ticker's own, and once
 * in the log. Thread-safe.
 */
final class Alarms {

  private static final Logger log = LoggerFactory.getLogger(Alarms.class);

  private final Map<Watched, Long> limits;
  private final Health health;
  private final Map<Database, Map<Watched, Double>> worst = new HashMap<>();
  private final Map<Database, Set<String>> raised = new HashMap<>();

  Alarms(Map<Watched, Long> limits, Health health) {
    this.limits = limits;
    this.health = health;
  }

  /** Takes note of all that was seen in a database. */
  synchronized void seen(Database database, List<Sighting> sightings) {
    var now = new HashSet<String>();
    var highest = new HashMap<Watched, Double>();
    for (var sighting : sightings) {
      highest.merge(sighting.what(), sighting.amount(), Math::max);
      if (sighting.exceeds(limits)) {
        var part = sighting.part(database);
        var words = sighting.words(limits);
        now.add(part);
        health.warn(part, words);
        if (!raised.getOrDefault(database, Set.of()).contains(part)) {
          log.warn("event=alarm part=\"{}\" what=\"{}\"", part, words);
        }
      }
    }
    worst.put(database, highest);
    for (var over : new ArrayList<>(raised.getOrDefault(database, Set.of()))) {
      if (!now.contains(over)) {
        log.info("event=alarm_over part=\"{}\"", over);
        health.resolve(over);
      }
    }
    raised.put(database, now);
  }

  /** Another looks after the database now, or nobody. */
  synchronized void forget(Database database) {
    worst.remove(database);
    var its = raised.remove(database);
    if (its != null) {
      its.forEach(health::resolve);
    }
  }

  /**
   * The highest amount in a database, in seconds or events, 0 where there is none; nothing when
   * this process does not lead it.
   */
  synchronized Optional<Double> highest(Database database, Watched what) {
    var amounts = worst.get(database);
    return amounts == null ? Optional.empty() : Optional.of(amounts.getOrDefault(what, 0.0));
  }
}
