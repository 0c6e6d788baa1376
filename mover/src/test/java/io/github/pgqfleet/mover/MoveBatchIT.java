package io.github.pgqfleet.mover;

import static io.github.pgqfleet.mover.TestFleet.CONSUMER;
import static io.github.pgqfleet.mover.TestFleet.QUEUE;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgqfleet.fixture.PgqServer;
import io.github.pgqfleet.fixture.PgqServerExtension;
import io.github.pgqfleet.fixture.TestDatabase;
import io.github.pgqfleet.pgq.Pgq;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** The protocol alone, several times at once on one queue. */
@ExtendWith(PgqServerExtension.class)
class MoveBatchIT {

  private TestDatabase source;
  private TestDatabase destination;
  private TestFleet fleet;
  private SourceQueue queue;

  @BeforeEach
  void databases(PgqServer server, @TempDir Path directory) throws Exception {
    source = server.newDatabase();
    destination = server.newDatabase();
    fleet = new TestFleet(directory, destination, source);
    queue = fleet.queue(source);
    try (var s = source.connect();
        var d = destination.connect()) {
      Registration.ensure(queue, s, d);
    }
  }

  @Test
  void moversOnTheSameQueueDeliverEveryEventOnce() throws Exception {
    var expected = new ArrayList<String>();
    for (int tick = 0; tick < 60; tick++) {
      var t = tick;
      var data = IntStream.range(0, tick % 4).mapToObj(n -> t + "-" + n).toList();
      source.insertEvents(QUEUE, "t", data);
      expected.addAll(data);
      source.tick(QUEUE);
    }

    var movers = 4;
    try (var executor = Executors.newVirtualThreadPerTaskExecutor()) {
      Callable<Long> mover = this::moveAll;
      var total = 0L;
      for (var moved :
          executor.invokeAll(IntStream.range(0, movers).mapToObj(i -> mover).toList())) {
        total += moved.get();
      }
      assertThat(total).isEqualTo(expected.size());
    }
    assertThat(fleet.arrived()).isEqualTo(expected);
  }

  /** Moves until the queue is at its end; returns how many events this mover delivered. */
  private long moveAll() throws Exception {
    var events = new ArrayList<Long>();
    var move = new MoveBatch(queue, OriginColumn.NONE, 1024, events::add);
    var end = source.number("select max(tick_id) from pgq.tick");
    try (var s = source.connect();
        var d = destination.connect()) {
      while (source.number(
              "select sub_last_tick from pgq.subscription s"
                  + " join pgq.consumer on co_id = sub_consumer where co_name = ?",
              CONSUMER)
          < end) {
        var next = new Pgq(s).nextBatch(QUEUE, CONSUMER);
        while (next.isPresent()) {
          next = move.move(s, d, next.get());
        }
      }
    }
    return events.stream().mapToLong(Long::longValue).sum();
  }
}
