package io.github.pgqfleet.mover.campaign;

import io.github.pgqfleet.fixture.TestDatabase;
import java.util.List;

/** The consumers of all destination queues. Thread-safe. */
final class Arrivals implements AutoCloseable {

  private final List<Arrival> all;

  Arrivals(TestDatabase destination, List<String> queues, Audit audit) {
    all = queues.stream().map(queue -> new Arrival(destination, queue, audit)).toList();
  }

  /** Throws what ended one too early, if anything did. */
  void check() throws Exception {
    for (var arrival : all) {
      arrival.check();
    }
  }

  @Override
  public void close() throws Exception {
    for (var arrival : all) {
      arrival.close();
    }
  }
}
