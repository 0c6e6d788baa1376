package io.github.pgqfleet.mover;

import com.codahale.metrics.Counter;
import io.github.pgqfleet.lifecycle.Health;
import io.github.pgqfleet.lifecycle.Supervisor;
import io.github.pgqfleet.mover.MoveBatch.Transport;
import io.github.pgqfleet.sql.Database;
import io.github.pgqfleet.sql.Pools;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What the batches of all queues travel by, and share: connections, memory, and the transactions
 * that deliver small ones together. Thread-safe.
 */
final class Transports {

  /** Longer than small batches take; a large one is not waited for by the others. */
  private static final Duration OPEN_MORE_AFTER = Duration.ofSeconds(1);

  private final MoverConfig config;
  private final Pools pools;
  private final BufferMemory memory;
  private final Lender destination;
  private final SmallBatches small;
  private final Supervisor committing;
  private final Map<Database, Source> sources = new ConcurrentHashMap<>();

  /** What the queues of one source database share. */
  private record Source(Lender lender, SourceBatches batches) {}

  Transports(MoverConfig config, Pools pools, Health health, Counter failures) {
    this.config = config;
    this.pools = pools;
    this.memory = new BufferMemory(config.bufferMemory(), config.bufferBytes());
    this.committing = new Supervisor(health, failures);
    // Large batches must not keep the small ones waiting.
    var ofSmall = SmallBatches.connections(config);
    var pool =
        pools.pool(
            longBatches(config.fleet().destination()), config.destinationConnections() + ofSmall);
    this.destination = new Lender(pool, config.destinationConnections());
    this.small =
        new SmallBatches(
            config.fleet().queues().keySet(), new Lender(pool, ofSmall), config.commitInterval());
  }

  void start() {
    small.start(committing);
  }

  /** To be called when no queue is moved any more: what is under way needs them to be finished. */
  void stop() throws InterruptedException {
    committing.stop(Duration.ofSeconds(1));
  }

  /** What the batches of a queue travel by. */
  Transport of(SourceQueue queue) {
    var source = sources.computeIfAbsent(queue.source(), this::source);
    return new Transport(source.lender(), source.batches(), destination, small, memory);
  }

  private Source source(Database database) {
    var connections = config.sourceConnections();
    var reached = longBatches(database);
    var first = pools.pool(reached, 1);
    var lender =
        connections == 1
            ? new Lender(first, 1)
            : new Lender(
                first, pools.spare(reached, connections - 1), connections, OPEN_MORE_AFTER);
    return new Source(
        lender, new SourceBatches(lender, config.consumer(), config.coalesceEvents(), memory));
  }

  /** Closes the connections to a source whose queues are moved no more. */
  void release(Database source) {
    sources.remove(source);
    small.release(source);
    pools.release(longBatches(source));
  }

  private Database longBatches(Database database) {
    return database.with(database.settings().withStatementTimeout(config.batchTimeout()));
  }
}
