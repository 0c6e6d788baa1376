package io.github.pgqfleet.mover;

import static io.github.pgqfleet.mover.TestFleet.CONSUMER;
import static io.github.pgqfleet.mover.TestFleet.QUEUE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

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

  @Test
  void leavesTheConnectionInStepWhenALargeBatchWasDeliveredBefore() throws Exception {
    source.execute(
        "select count(pgq.insert_event('orders', 't', repeat('x', 1000)))"
            + " from generate_series(1, 20000)");
    source.tick(QUEUE);
    try (var s = source.connect();
        var d = destination.connect()) {
      var move = new MoveBatch(queue, OriginColumn.NONE, 1024, events -> {});
      var pgq = new Pgq(s);
      var large = pgq.nextBatch(QUEUE, CONSUMER).orElseThrow();
      // As a crash leaves it between the destination's commit and finish_batch.
      assertThat(new Positions(d).compareAndSet(queue, large.previous(), large.current())).isTrue();

      assertThat(move.move(s, d, large)).isEmpty();

      source.insertEvent(QUEUE, "t", "after it");
      var tick = source.tick(QUEUE);
      var next = pgq.nextBatch(QUEUE, CONSUMER).orElseThrow();
      assertThat(next.previous()).isEqualTo(large.current());
      assertThat(next.current().id()).isEqualTo(tick);
      assertThat(move.move(s, d, next)).isEmpty();
    }
    assertThat(fleet.arrived()).containsExactly("after it");
  }

  @Test
  void leavesTheConnectionInStepWhenTheDestinationRefusesALargeBatch() throws Exception {
    source.execute(
        "select count(pgq.insert_event('orders', 't', n::text)) from generate_series(1, 50000) n");
    source.tick(QUEUE);
    var table = destination.string("select pgq.current_event_table('orders')");
    destination.execute("alter table " + table + " add check (ev_data <> '40000')");
    try (var s = source.connect();
        var d = destination.connect()) {
      var move = new MoveBatch(queue, OriginColumn.NONE, 1024, events -> {});
      var batch = new Pgq(s).nextBatch(QUEUE, CONSUMER).orElseThrow();
      assertThatThrownBy(() -> move.move(s, d, batch)).hasMessageContaining("check constraint");
      assertThat(new Pgq(s).nextBatch(QUEUE, CONSUMER)).contains(batch);

      destination.execute(
          "alter table "
              + table
              + " drop constraint "
              + table.replace("pgq.", "")
              + "_ev_data_check");
      assertThat(move.move(s, d, batch)).isEmpty();
    }
    assertThat(fleet.arrived())
        .isEqualTo(IntStream.rangeClosed(1, 50_000).mapToObj(Integer::toString).toList());
  }

  @Test
  void neverMovesThePositionBackwards() throws Exception {
    source.insertEvent(QUEUE, "t", "a");
    source.tick(QUEUE);
    source.insertEvent(QUEUE, "t", "b");
    source.tick(QUEUE);
    assertThat(moveAll()).isEqualTo(2);
    var position = fleet.position(source);
    // What next_batch leaves when it stalls between reading and writing while another mover goes
    // on.
    source.execute(
        "update pgq.subscription set sub_next_tick = sub_last_tick - 1,"
            + " sub_batch = nextval('pgq.batch_id_seq')");
    try (var s = source.connect();
        var d = destination.connect()) {
      var move = new MoveBatch(queue, OriginColumn.NONE, 1024, events -> {});
      var backwards = new Pgq(s).nextBatch(QUEUE, CONSUMER).orElseThrow();
      assertThat(backwards.current().id()).isLessThan(backwards.previous().id());

      assertThat(move.move(s, d, backwards)).isEmpty();
    }
    assertThat(fleet.position(source)).isEqualTo(position);
    source.insertEvent(QUEUE, "t", "c");
    source.tick(QUEUE);
    assertThat(moveAll()).isEqualTo(1);
    assertThat(fleet.arrived()).containsExactly("a", "b", "c");
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
