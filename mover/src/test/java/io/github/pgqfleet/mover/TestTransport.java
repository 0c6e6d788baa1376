package io.github.pgqfleet.mover;

import com.codahale.metrics.Counter;
import io.github.pgqfleet.lifecycle.Health;
import io.github.pgqfleet.lifecycle.Supervisor;
import io.github.pgqfleet.mover.MoveBatch.Transport;
import io.github.pgqfleet.sql.Database;
import io.github.pgqfleet.sql.Pools;
import io.github.pgqfleet.sql.Sessions;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;

/** What the protocol needs to move one queue, with its own connections. */
final class TestTransport implements AutoCloseable {

  private static final int BUFFER_BYTES = 1024;

  private final Pools pools = new Pools(new Sessions("test mover"));
  private final Supervisor supervisor =
      new Supervisor(new Health(InstantSource.system()), new Counter());
  private final SourceQueue queue;
  private final Transport transport;

  TestTransport(Database central, SourceQueue queue) {
    this(central, queue, 0);
  }

  TestTransport(Database central, SourceQueue queue, int coalesceEvents) {
    this.queue = queue;
    var destination = pools.pool(central, 2);
    var small = new SmallBatches(List.of(queue.queue()), new Lender(destination, 1), Duration.ZERO);
    small.start(supervisor);
    var source = new Lender(pools.pool(queue.source(), 2), 2);
    var memory = new BufferMemory(2 * BUFFER_BYTES, BUFFER_BYTES);
    this.transport =
        new Transport(
            source,
            new SourceBatches(source, queue.consumer(), coalesceEvents, memory),
            new Lender(destination, 1),
            small,
            memory);
  }

  Transport transport() {
    return transport;
  }

  MoveBatch protocol(Movements movements) {
    return new MoveBatch(queue, transport, movements);
  }

  @Override
  public void close() {
    try {
      supervisor.stop(Duration.ZERO);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    pools.close();
  }
}
