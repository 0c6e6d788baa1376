package io.github.pgqfleet.mover.campaign;

import io.github.pgqfleet.fixture.ConnectedLoop;
import io.github.pgqfleet.fixture.TestDatabase;
import java.util.List;

/** The consumers of all destination queues. Thread-safe. */
final class Arrivals implements AutoCloseable {

  private final List<ConnectedLoop> all;

  Arrivals(TestDatabase destination, List<String> queues, Audit audit) {
    all =
        queues.stream()
            .map(q -> new ConnectedLoop("arrival-" + q, destination, new Arrival(q, audit)))
            .toList();
    all.forEach(ConnectedLoop::start);
  }

  /** Throws what ended one too early, if anything did. */
  void check() {
    all.forEach(ConnectedLoop::check);
  }

  @Override
  public void close() {
    all.forEach(ConnectedLoop::close);
  }
}
