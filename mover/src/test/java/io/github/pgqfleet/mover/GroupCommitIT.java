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
import io.github.pgqfleet.pgq.OpenBatch;
import io.github.pgqfleet.sql.Pools;
import io.github.pgqfleet.sql.Sessions;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Batches of three sources that wait together for one transaction. */
@ExtendWith(PgqServerExtension.class)
@OnEachServer
class GroupCommitIT {

  private static final int BUFFER_BYTES = 64 * 1024;

  private final Supervisor supervisor =
      new Supervisor(new Health(InstantSource.system()), new Counter());
  private final Pools pools = new Pools(new Sessions("test mover"));
  private final BufferMemory memory = new BufferMemory(4 * BUFFER_BYTES, BUFFER_BYTES);
  private List<TestDatabase> sources;
  private TestDatabase destination;
  private TestFleet fleet;
  private GroupCommit commit;

  @BeforeEach
  void databases(PgqServer server, @TempDir Path directory) throws Exception {
    sources = List.of(server.newDatabase(), server.newDatabase(), server.newDatabase());
    destination = server.newDatabase();
    fleet = new TestFleet(directory, destination, sources.toArray(TestDatabase[]::new));
    var central = new Lender(pools.pool(fleet.config().fleet().destination(), 1), 1);
    commit = new GroupCommit(QUEUE, central, Duration.ZERO);
    for (var source : sources) {
      try (var s = source.connect();
          var d = destination.connect()) {
        Registration.ensure(fleet.queue(source), s, d);
      }
      source.insertEvent(QUEUE, "t", "of " + sources.indexOf(source));
      source.tick(QUEUE);
    }
  }

  @AfterEach
  void stop() throws Exception {
    supervisor.stop(Duration.ofSeconds(5));
    pools.close();
  }

  @Test
  void deliversTogetherWhatComesTogether() throws Exception {
    assertThat(commitTogether()).containsExactly(true, true, true);
    assertThat(fleet.arrived()).containsExactlyInAnyOrder("of 0", "of 1", "of 2");
    assertThat(destination.number("select count(distinct ev_txid) from pgq.event_template"))
        .isEqualTo(1);
  }

  @Test
  void deliversTheOthersWithoutTheOneThatIsRefused() throws Exception {
    destination.execute(
        "alter table "
            + destination.string("select pgq.current_event_table('orders')")
            + " add check (ev_data <> 'of 1')");
    var results = together();
    supervisor.start(commit);
    assertThat(results.get(0).get()).isTrue();
    assertThat(results.get(2).get()).isTrue();
    assertThatThrownBy(results.get(1)::get)
        .isInstanceOf(ExecutionException.class)
        .hasMessageContaining("check constraint");
    assertThat(fleet.arrived()).containsExactlyInAnyOrder("of 0", "of 2");
    assertThat(fleet.position(sources.get(1))).isEqualTo("registering -");
  }

  @Test
  void deliversOnceABatchThatIsOfferedTwice() throws Exception {
    var results = together();
    results.addAll(together());
    supervisor.start(commit);
    var delivered = 0;
    for (var result : results) {
      delivered += result.get() ? 1 : 0;
    }
    assertThat(delivered).isEqualTo(sources.size());
    assertThat(fleet.arrived()).containsExactlyInAnyOrder("of 0", "of 1", "of 2");
  }

  @Test
  void leavesOutAPositionThatAnotherHolds() throws Exception {
    try (var another = destination.connect();
        var hold =
            another.prepareStatement(
                "select from pgq_fleet.position where source = ? for update")) {
      another.setAutoCommit(false);
      hold.setString(1, fleet.queue(sources.get(2)).source().id());
      hold.execute();
      assertThat(commitTogether()).containsExactly(true, true, false);
    }
    assertThat(fleet.arrived()).containsExactlyInAnyOrder("of 0", "of 1");
  }

  @Test
  void leavesOutAPositionThatIsElsewhere() throws Exception {
    assertThat(commitTogether()).containsExactly(true, true, true);
    // The same batches once more, as another mover would offer them.
    var again = together();
    for (var result : again) {
      assertThat(result.get()).isFalse();
    }
    assertThat(fleet.arrived()).hasSize(3);
  }

  private List<Boolean> commitTogether() throws Exception {
    var results = together();
    supervisor.start(commit);
    var delivered = new ArrayList<Boolean>();
    for (var result : results) {
      delivered.add(result.get());
    }
    return delivered;
  }

  /** Returns when the batches of all sources wait, or are done. */
  private List<FutureTask<Boolean>> together() throws Exception {
    var results = new ArrayList<FutureTask<Boolean>>();
    for (var source : sources) {
      var queue = fleet.queue(source);
      var result = new FutureTask<>(() -> deliver(queue));
      results.add(result);
      var thread = Thread.ofPlatform().daemon().start(result);
      Await.until(
          queue + " to wait for the transaction",
          PATIENCE,
          () -> result.isDone() || thread.getState() == Thread.State.WAITING);
    }
    return results;
  }

  private boolean deliver(SourceQueue queue) throws Exception {
    var source = new Lender(pools.pool(queue.source(), 1), 1);
    OpenBatch open;
    try (var loan = source.borrow()) {
      open =
          new NextBatches(loan.connection(), queue.consumer(), 0)
              .of(new NextBatches.Asked(queue.queue(), OptionalLong.empty()))
              .orElseThrow();
    }
    try (var events = BatchEvents.begin(source, queue, open.eventSql().orElseThrow(), memory)) {
      assertThat(events.isWhole()).isTrue();
      return commit.deliver(open.batch(), events);
    }
  }
}
