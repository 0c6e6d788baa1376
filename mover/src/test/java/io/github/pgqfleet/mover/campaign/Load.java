package io.github.pgqfleet.mover.campaign;

import io.github.pgqfleet.fixture.ConnectedLoop;
import io.github.pgqfleet.fixture.TestDatabase;
import io.github.pgqfleet.mover.campaign.Audit.Write;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Applications that write events into the source databases, several at once in each. What they
 * committed is in the table {@code written} of each database, in the same transactions.
 * Thread-safe.
 */
final class Load implements AutoCloseable {

  private static final int WRITERS = 2;

  private final List<TestDatabase> sources;
  private final Ledger ledger = new Ledger();
  private final List<ConnectedLoop> writers = new ArrayList<>();

  Load(List<TestDatabase> sources, List<String> queues, long seed) {
    this.sources = sources;
    for (var source : sources) {
      source.execute(
          "create table written (transaction bigint, queue text, events int,"
              + " primary key (transaction, queue))");
      for (int i = 0; i < WRITERS; i++) {
        var writer = new Writer(source, queues, ledger, seed + writers.size());
        writers.add(new ConnectedLoop("writer-" + writers.size(), source, writer));
      }
    }
    writers.forEach(ConnectedLoop::start);
  }

  Ledger ledger() {
    return ledger;
  }

  /** How many events each committed transaction wrote to each queue. */
  Map<Write, Integer> committed() {
    var committed = new HashMap<Write, Integer>();
    for (var source : sources) {
      source
          .rows(
              row ->
                  Map.entry(
                      new Write(source.name() + "/" + row.getString(2), row.getLong(1)),
                      row.getInt(3)),
              "select transaction, queue, events from written")
          .forEach(entry -> committed.put(entry.getKey(), entry.getValue()));
    }
    return committed;
  }

  /** Throws what ended a writer too early, if anything did. */
  void check() {
    writers.forEach(ConnectedLoop::check);
  }

  /** Lets each writer end its transaction, and waits for that. */
  void end() {
    writers.forEach(ConnectedLoop::stop);
    writers.forEach(ConnectedLoop::join);
  }

  @Override
  public void close() {
    end();
  }
}
