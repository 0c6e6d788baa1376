package io.github.pgqfleet.mover;

import static io.github.pgqfleet.mover.TestFleet.CONSUMER;
import static io.github.pgqfleet.mover.TestFleet.PATIENCE;
import static io.github.pgqfleet.mover.TestFleet.QUEUE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.pgqfleet.fixture.Await;
import io.github.pgqfleet.fixture.OnEachServer;
import io.github.pgqfleet.fixture.PgqServer;
import io.github.pgqfleet.fixture.PgqServerExtension;
import io.github.pgqfleet.fixture.TestDatabase;
import io.github.pgqfleet.pgq.OpenBatch;
import io.github.pgqfleet.sql.Database;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** The protocol alone, several times at once on one queue. */
@ExtendWith(PgqServerExtension.class)
@OnEachServer
class MoveBatchIT {

  /** By how much a forced tick moves the event sequence, at the least. */
  private static final int FORCED = 2_000;

  private TestDatabase source;
  private TestDatabase destination;
  private TestFleet fleet;
  private SourceQueue queue;
  private Database central;

  @BeforeEach
  void databases(PgqServer server, @TempDir Path directory) throws Exception {
    source = server.newDatabase();
    destination = server.newDatabase();
    fleet = new TestFleet(directory, destination, source);
    queue = fleet.queue(source);
    central = fleet.config().fleet().destination();
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

    // Some tick by tick, some many ticks at once, so that their windows differ.
    List<Callable<Long>> movers =
        List.of(() -> moveAll(0), () -> moveAll(0), () -> moveAll(7), () -> moveAll(100));
    try (var executor = Executors.newVirtualThreadPerTaskExecutor()) {
      var total = 0L;
      for (var moved : executor.invokeAll(movers)) {
        total += moved.get();
      }
      assertThat(total).isEqualTo(expected.size());
    }
    assertThat(fleet.arrived()).isEqualTo(expected);
  }

  @Test
  void readsAloneWhatWasOpenedWithOthers() throws Exception {
    source.insertEvent(QUEUE, "t", "1");
    source.tick(QUEUE);
    try (var transport = new TestTransport(central, queue)) {
      var move = transport.protocol((_, _) -> {});
      var open = openedWithOthers(move);
      assertThat(move.deliver(open)).isTrue();
      assertThat(move.finishAndNext(open)).isEmpty();
    }
    assertThat(fleet.arrived()).containsExactly("1");
  }

  @Test
  void leavesWhatAnotherHasFinishedBeforeItWasRead() throws Exception {
    source.insertEvent(QUEUE, "t", "1");
    source.tick(QUEUE);
    try (var transport = new TestTransport(central, queue)) {
      var move = transport.protocol((_, _) -> {});
      var open = openedWithOthers(move);
      assertThat(moveAll(0)).isEqualTo(1);
      assertThat(move.deliver(open)).isFalse();
      assertThat(move.next()).isEmpty();
    }
    assertThat(fleet.arrived()).containsExactly("1");
  }

  /** As when they were too many to be read together. */
  private static OpenBatch openedWithOthers(MoveBatch move) throws Exception {
    var open = move.next().orElseThrow();
    return new OpenBatch(open.batch(), Optional.empty(), open.newest());
  }

  @Test
  void leavesTheConnectionInStepWhenALargeBatchWasDeliveredBefore() throws Exception {
    source.execute(
        "select count(pgq.insert_event('orders', 't', repeat('x', 1000)))"
            + " from generate_series(1, 20000)");
    source.tick(QUEUE);
    try (var transport = new TestTransport(central, queue)) {
      var move = transport.protocol((_, _) -> {});
      var large = move.next().orElseThrow();
      // As a crash leaves it between the destination's commit and finish_batch.
      var batch = large.batch();
      try (var d = destination.connect()) {
        assertThat(new Positions(d).compareAndSet(queue, batch.previous(), batch.current()))
            .isTrue();
      }
      assertThat(move.deliver(large)).isTrue();
      assertThat(move.finishAndNext(large)).isEmpty();

      source.insertEvent(QUEUE, "t", "after it");
      var tick = source.tick(QUEUE);
      var next = move.next().orElseThrow();
      assertThat(next.batch().previous()).isEqualTo(batch.current());
      assertThat(next.batch().current().id()).isEqualTo(tick);
      assertThat(move.deliver(next)).isTrue();
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
    try (var transport = new TestTransport(central, queue)) {
      var move = transport.protocol((_, _) -> {});
      var open = move.next().orElseThrow();
      assertThatThrownBy(() -> move.deliver(open)).hasMessageContaining("check constraint");
      assertThat(move.next()).contains(open);

      destination.execute(
          "alter table "
              + table
              + " drop constraint "
              + table.replace("pgq.", "")
              + "_ev_data_check");
      assertThat(move.deliver(open)).isTrue();
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
    try (var transport = new TestTransport(central, queue)) {
      var move = transport.protocol((_, _) -> {});
      var backwards = move.next().orElseThrow();
      assertThat(backwards.batch().current().id()).isLessThan(backwards.batch().previous().id());

      assertThat(move.deliver(backwards)).isFalse();
      assertThat(move.next()).isEmpty();
    }
    assertThat(fleet.position(source)).isEqualTo(position);
    source.insertEvent(QUEUE, "t", "c");
    source.tick(QUEUE);
    assertThat(moveAll()).isEqualTo(1);
    assertThat(fleet.arrived()).containsExactly("a", "b", "c");
  }

  @Test
  void readsABacklogOfTicksAsFewBatches() throws Exception {
    var expected = tickEach(50, 2);
    assertThat(batches(50 * FORCED)).containsExactly(100L);
    expected.addAll(tickEach(50, 2));
    assertThat(batches(15 * FORCED)).hasSizeBetween(2, 4).allMatch(events -> events >= 20);
    assertThat(fleet.arrived()).isEqualTo(expected);
  }

  @Test
  void readsTickByTickWhereAsked() throws Exception {
    tickEach(5, 2);
    assertThat(batches(0)).containsExactly(2L, 2L, 2L, 2L, 2L);
  }

  @Test
  void readsTicksWithoutEventsAsOneBatch() throws Exception {
    tickEach(1, 1);
    moveAll();
    source.execute("update pgq.queue set queue_external_ticker = true");
    source.execute(
        """
        select pgq.ticker('orders', tick_id + n, tick_time + n * interval '1 s', tick_event_seq)
          from generate_series(1, 20) n,
               (select * from pgq.tick order by tick_id desc limit 1) last""");
    assertThat(batches(1)).containsExactly(0L);
  }

  @Test
  void waitsForNoCompany() throws Exception {
    tickEach(1, 1);
    assertThat(batches(1_000_000)).containsExactly(1L);
  }

  @Test
  void readsTheNextBatchWhileOneIsDelivered() throws Exception {
    var expected = largeTicks(3);
    try (var transport = new TestTransport(central, queue)) {
      var move = transport.protocol((_, _) -> {});
      var first = move.next().orElseThrow();
      assertThat(move.deliver(first)).isTrue();
      // Before it is open, and more than fits the buffers in between.
      Await.until("the next batch to be read", PATIENCE, () -> copies() == 1);
      var second = move.finishAndNext(first).orElseThrow();
      assertThat(move.deliver(second)).isTrue();
      var third = move.finishAndNext(second).orElseThrow();
      assertThat(move.deliver(third)).isTrue();
      assertThat(move.finishAndNext(third)).isEmpty();
      assertThat(copies()).isZero();
    }
    assertThat(fleet.arrived()).isEqualTo(expected);
  }

  @Test
  void dropsWhatItHasReadAheadWhenAnotherBatchIsOpened() throws Exception {
    var expected = largeTicks(3);
    try (var transport = new TestTransport(central, queue);
        var coalescing = new TestTransport(central, queue, 10 * FORCED)) {
      var move = transport.protocol((_, _) -> {});
      var first = move.next().orElseThrow();
      assertThat(move.deliver(first)).isTrue();
      Await.until("the next batch to be read", PATIENCE, () -> copies() == 1);
      // Both of the others at once.
      var rest = coalescing.protocol((_, _) -> {}).finishAndNext(first).orElseThrow();
      assertThat(rest.newest()).isTrue();
      assertThat(move.deliver(rest)).isTrue();
      assertThat(move.finishAndNext(rest)).isEmpty();
      Await.until("no batch to be read", PATIENCE, () -> copies() == 0);
    }
    assertThat(fleet.arrived()).isEqualTo(expected);
  }

  private List<String> largeTicks(int ticks) {
    for (int tick = 0; tick < ticks; tick++) {
      source.execute(
          "select count(pgq.insert_event('orders', 't', repeat('%d ', 2000) || n))".formatted(tick)
              + " from generate_series(1, 5000) n");
      source.tick(QUEUE);
    }
    return source.strings("select ev_data from pgq.event_template order by ev_id");
  }

  private long copies() {
    return source.number(
        "select count(*) from pg_stat_activity where state = 'active' and query like 'copy (%'"
            + " and datname = current_database()");
  }

  /** Writes so many ticks of so many events; returns these. */
  private List<String> tickEach(int ticks, int events) {
    var all = new ArrayList<String>();
    for (int tick = 0; tick < ticks; tick++) {
      var t = tick;
      var data = IntStream.range(0, events).mapToObj(n -> t + "-" + n).toList();
      source.insertEvents(QUEUE, "t", data);
      all.addAll(data);
      source.tick(QUEUE);
    }
    return all;
  }

  /** Moves until the queue is at its end; returns how many events each batch had. */
  private List<Long> batches(int coalesceEvents) throws Exception {
    var batches = new ArrayList<Long>();
    moveAll(coalesceEvents, (_, events) -> batches.add(events));
    return batches;
  }

  private long moveAll() throws Exception {
    return moveAll(0);
  }

  /** Moves until the queue is at its end; returns how many events this mover delivered. */
  private long moveAll(int coalesceEvents) throws Exception {
    return batches(coalesceEvents).stream().mapToLong(Long::longValue).sum();
  }

  private void moveAll(int coalesceEvents, Movements movements) throws Exception {
    var end = source.number("select max(tick_id) from pgq.tick");
    try (var transport = new TestTransport(central, queue, coalesceEvents)) {
      var move = transport.protocol(movements);
      while (source.number(
              "select sub_last_tick from pgq.subscription s"
                  + " join pgq.consumer on co_id = sub_consumer where co_name = ?",
              CONSUMER)
          < end) {
        var open = move.next();
        while (open.isPresent()) {
          open = move.deliver(open.get()) ? move.finishAndNext(open.get()) : move.next();
        }
      }
    }
  }
}
