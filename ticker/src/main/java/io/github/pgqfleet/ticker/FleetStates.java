package io.github.pgqfleet.ticker;

import io.github.pgqfleet.sql.Database;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.ConcurrentSkipListMap;

/** The states of all databases that this process serves, by their ids. Thread-safe. */
final class FleetStates {

  private final InstantSource clock;
  private final ConcurrentSkipListMap<String, DatabaseState> states = new ConcurrentSkipListMap<>();

  FleetStates(InstantSource clock) {
    this.clock = clock;
  }

  /** A database that is new to this process. */
  DatabaseState add(Database database) {
    var state = new DatabaseState(database, clock);
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
