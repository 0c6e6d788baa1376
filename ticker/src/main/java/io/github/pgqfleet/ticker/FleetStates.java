package io.github.pgqfleet.ticker;

import io.github.pgqfleet.sql.Database;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.Function;

/** The states of all databases that this process serves, by their ids. Thread-safe. */
final class FleetStates {

  private final Function<Database, Duration> periods;
  private final InstantSource clock;
  private final ConcurrentSkipListMap<String, DatabaseState> states = new ConcurrentSkipListMap<>();

  /**
   * @param periods how often each database is to be looked at
   */
  FleetStates(Function<Database, Duration> periods, InstantSource clock) {
    this.periods = periods;
    this.clock = clock;
  }

  /** A database that is new to this process. */
  DatabaseState add(Database database) {
    var state = new DatabaseState(database, periods.apply(database), clock);
    states.put(database.id(), state);
    return state;
  }

  /** A database that has left the fleet. */
  void remove(Database database) {
    states.remove(database.id());
  }

  /** All of them, in the order of their names. */
  List<DatabaseState> all() {
    return List.copyOf(states.values());
  }

  /** How many this process ticks. */
  long leading() {
    return states.values().stream().filter(DatabaseState::leads).count();
  }
}
