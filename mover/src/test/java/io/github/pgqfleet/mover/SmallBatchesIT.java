package io.github.pgqfleet.mover;

import static io.github.pgqfleet.mover.TestFleet.PATIENCE;
import static io.github.pgqfleet.mover.TestFleet.QUEUE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.codahale.metrics.Counter;
import io.github.pgqfleet.fixture.Await;
import io.github.pgqfleet.fixture.OnEachServer;
import io.github.pgqfleet.fixture.PgqServer;
import io.github.pgqfleet.fixture.PgqServerExtension;
import io.github.pgqfleet.fixture.TestDatabase;
import io.github.pgqfleet.lifecycle.Health;
import io.github.pgqfleet.lifecycle.Supervisor;
import io.github.pgqfleet.pgq.NextBatches;
import io.github.pgqfleet.pgq.NextBatches.Asked;
import io.github.pgqfleet.pgq.OpenBatch;
import io.github.pgqfleet.sql.Pools;
import io.github.pgqfleet.sql.Sessions;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Small batches of two queues of one source, with a route each. */
@ExtendWith(PgqServerExtension.class)
@OnEachServer
class SmallBatchesIT {

  private static final String AUDIT = "audit";

  private final Supervisor supervisor =
      new Supervisor(new Health(InstantSource.system()), new Counter());
  private final Pools pools = new Pools(new Sessions("test mover"));
  private final BufferMemory memory = new BufferMemory(1 << 20, 1 << 16);
  private TestDatabase source;
  private TestDatabase destination;
  private TestFleet fleet;
  private SourceQueue orders;
  private SourceQueue audit;
  private SmallBatches small;

  @BeforeEach
  void databases(PgqServer server, @TempDir Path directory) throws Exception {
    source = server.newDatabase();
    destination = server.newDatabase();
    fleet = new TestFleet(directory, destination, source);
    fleet.addQueue(AUDIT);
    var queues = fleet.config().queues(fleet.queue(source).source());
    audit = queues.get(0);
    orders = queues.get(1);
    assertThat(queues).extracting(SourceQueue::queue).containsExactly(AUDIT, QUEUE);
    for (var queue : queues) {
      try (var s = source.connect();
          var d = destination.connect()) {
        Registration.ensure(queue, s, d);
      }
    }
    var central = new Lender(pools.pool(fleet.config().fleet().destination(), 3), 3);
    small = new SmallBatches(List.of(QUEUE, AUDIT), central, Duration.ZERO);
  }

  @AfterEach
  void stop() throws Exception {
    supervisor.stop(Duration.ofSeconds(5));
    pools.close();
  }

  @Test
  void goInOneTransactionWhateverTheirRoute() throws Exception {
    write("1");
    var toOrders = delivering(orders);
    var toAudit = delivering(audit);
    small.start(supervisor);
    assertThat(toOrders.get()).isTrue();
    assertThat(toAudit.get()).isTrue();
    assertThat(fleet.arrived(QUEUE)).containsExactly("orders 1");
    assertThat(fleet.arrived(AUDIT)).containsExactly("audit 1");
    assertThat(transactions()).isEqualTo(1);
  }

  @Test
  void aRouteThatFailsStaysApart() throws Exception {
    var table = destination.string("select pgq.current_event_table('audit')");
    destination.execute(
        "alter table %s add constraint refused check (ev_data <> 'audit 1')".formatted(table));
    write("1");
    var toOrders = delivering(orders);
    var toAudit = delivering(audit);
    small.start(supervisor);
    assertThat(toOrders.get()).isTrue();
    assertThatThrownBy(toAudit::get).hasMessageContaining("check constraint");
    destination.execute("alter table %s drop constraint refused".formatted(table));

    write("2");
    try (var another = destination.connect();
        var lock = another.createStatement()) {
      another.setAutoCommit(false);
      lock.execute("lock table " + table);
      var blocked = delivering(audit);
      Await.until("the batch for audit to be blocked", PATIENCE, () -> isWaitedFor(table));
      assertThat(deliver(orders)).isTrue();
      assertThat(blocked.isDone()).isFalse();
      another.rollback();
      assertThat(blocked.get()).isTrue();
    }
  }

  @Test
  void startForQueuesOfAnyName() {
    var central = new Lender(pools.pool(fleet.config().fleet().destination(), 3), 3);
    new SmallBatches(List.of("all", "commits", "commit all"), central, Duration.ZERO)
        .start(supervisor);
    assertThat(supervisor.isRunning("commit commit all")).isTrue();
  }

  /** An event into each queue, and a tick. */
  private void write(String data) {
    for (var queue : List.of(QUEUE, AUDIT)) {
      source.insertEvent(queue, "t", queue + " " + data);
      source.tick(queue);
    }
  }

  /** Begins to deliver what is next; returns when that waits, or is done. */
  private FutureTask<Boolean> delivering(SourceQueue queue) {
    var result = new FutureTask<>(() -> deliver(queue));
    var thread = Thread.ofPlatform().daemon().start(result);
    Await.until(
        queue + " to wait for the transaction",
        PATIENCE,
        () -> result.isDone() || thread.getState() == Thread.State.WAITING);
    return result;
  }

  /** Delivers the open batch, or opens the next. */
  private boolean deliver(SourceQueue queue) throws Exception {
    var lender = new Lender(pools.pool(queue.source(), 2), 1);
    var open = next(lender, queue);
    try (var events = BatchEvents.begin(lender, queue, open.eventSql().orElseThrow(), memory)) {
      assertThat(events.isWhole()).isTrue();
      var delivered = small.deliver(open.batch(), events);
      if (delivered) {
        source.number("select pgq.finish_batch(?)", open.batch().id());
      }
      return delivered;
    }
  }

  private static OpenBatch next(Lender lender, SourceQueue queue) throws Exception {
    try (var loan = lender.borrow()) {
      return new NextBatches(loan.connection(), queue.consumer(), 0)
          .of(new Asked(queue.queue(), OptionalLong.empty()))
          .orElseThrow();
    }
  }

  private boolean isWaitedFor(String table) {
    return destination.number(
            "select count(*) from pg_locks where not granted and relation = ?::regclass", table)
        == 1;
  }

  /** How many transactions have written the events that are there. */
  private long transactions() {
    return destination.number("select count(distinct ev_txid) from pgq.event_template");
  }
}
