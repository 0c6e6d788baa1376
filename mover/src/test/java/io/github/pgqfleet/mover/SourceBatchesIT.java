package io.github.pgqfleet.mover;

import static io.github.pgqfleet.mover.TestFleet.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.pgqfleet.fixture.Await;
import io.github.pgqfleet.fixture.OnEachServer;
import io.github.pgqfleet.fixture.PgqServer;
import io.github.pgqfleet.fixture.PgqServerExtension;
import io.github.pgqfleet.fixture.TestDatabase;
import io.github.pgqfleet.mover.SourceBatches.Opened;
import io.github.pgqfleet.sql.Database;
import io.github.pgqfleet.sql.Pools;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.function.IntFunction;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Queues of one source that ask while its only connection is lent to somebody else. */
@ExtendWith(PgqServerExtension.class)
@OnEachServer
class SourceBatchesIT {

  private static final List<String> QUEUES = List.of("b", "c", "a");

  /** For what all of them read together, and no more. */
  private final BufferMemory memory = new BufferMemory(64 * 1024, 64 * 1024);

  private final Pools pools = new Pools(MoverSessions.moving(MoverId.create()));
  private TestDatabase database;
  private Database place;
  private Lender source;
  private SourceBatches batches;

  @BeforeEach
  void queues(PgqServer server, @TempDir Path directory) {
    database = server.newDatabase();
    for (var queue : QUEUES) {
      TestFleet.createEagerQueue(database, queue);
      database.registerConsumer(queue, "mover");
      database.insertEvent(queue, "t", "1");
      TestFleet.tickUnforced(database, queue);
    }
    var fleet = new TestFleet(directory, server.newDatabase(), database);
    place = fleet.queue(database).source();
    source = new Lender(pools.pool(place, 1), 1);
    batches = new SourceBatches(source, "mover", 0, memory);
  }

  @AfterEach
  void disconnect() {
    pools.close();
  }

  @Test
  void opensAndFinishesTogetherWhatAsksTogether() throws Exception {
    var opened = new ArrayList<Long>();
    for (var batch : together(List.of())) {
      var one = batch.get().orElseThrow();
      opened.add(one.batch().batch().id());
      assertThat(one.events().orElseThrow().rows()).hasSize(1);
      one.events().get().close();
    }
    assertThat(transactions()).isEqualTo(1);

    var next = together(opened);
    for (var batch : next) {
      assertThat(batch.get()).isEmpty();
    }
    assertThat(transactions()).isEqualTo(1);
    assertThat(database.number("select count(*) from pgq.subscription where sub_batch is not null"))
        .isZero();
  }

  @Test
  void finishesTogetherWhatEndsTogetherAndOpensNothing() throws Exception {
    var opened = new ArrayList<Long>();
    for (var batch : together(List.of())) {
      var one = batch.get().orElseThrow();
      opened.add(one.batch().batch().id());
      one.events().orElseThrow().close();
    }
    for (var queue : QUEUES) {
      database.insertEvent(queue, "t", "2");
      TestFleet.tickUnforced(database, queue);
    }

    var ending = whileLent(i -> end(QUEUES.get(i), opened.get(i)));
    for (var queue : ending) {
      assertThat(queue.get()).isEmpty();
    }
    assertThat(transactions()).isEqualTo(1);
    assertThat(database.number("select count(*) from pgq.subscription where sub_batch is not null"))
        .isZero();
    for (var batch : together(List.of())) {
      var events = batch.get().orElseThrow().events().orElseThrow();
      assertThat(events.rows()).hasSize(1);
      events.close();
    }
  }

  /** By itself PostgreSQL would plan a statement with arrays each time anew. */
  @Test
  void opensWithAPlanThatIsMadeOnce() throws Exception {
    for (var queue : QUEUES) {
      assertThat(batches.next(queue(queue), OptionalLong.empty(), false)).isPresent();
    }
    assertThat(plansOf("%next_batch_custom%")).containsExactly(new Plans(0, QUEUES.size()));
  }

  @Test
  void readsTogetherWithAPlanThatIsMadeOnce() throws Exception {
    var delivered = List.<Long>of();
    for (int tick = 0; tick < 3; tick++) {
      var opened = new ArrayList<Long>();
      for (var asking : together(delivered)) {
        var batch = asking.get().orElseThrow();
        batch.events().orElseThrow().close();
        opened.add(batch.batch().batch().id());
      }
      for (var queue : QUEUES) {
        database.insertEvent(queue, "t", "next");
        TestFleet.tickUnforced(database, queue);
      }
      delivered = opened;
    }
    assertThat(plansOf("%octet_length%")).containsExactly(new Plans(0, 3));
  }

  @Test
  void answersTheOthersWithoutTheOneThatIsWrong() throws Exception {
    database.execute("select pgq.unregister_consumer('c', 'mover')");
    var answers = together(List.of());
    assertThat(answers.get(0).get()).isPresent();
    assertThatThrownBy(() -> answers.get(1).get())
        .isInstanceOf(ExecutionException.class)
        .hasMessageContaining("Not subscriber");
    assertThat(answers.get(2).get()).isPresent();
  }

  @Test
  void keepsNoMemoryForAQueueThatDoesNotWaitForItsAnswer() throws Exception {
    var table = database.string("select pgq.current_event_table('a')");
    try (var another = database.connect();
        var lock = another.createStatement()) {
      another.setAutoCommit(false);
      lock.execute("lock table " + table);
      var answers = together(List.of());
      Await.until("reading to be held up", PATIENCE, () -> isWaitedFor(table));
      // The first has its turn, and reads for them too.
      for (var other : answers.subList(1, answers.size())) {
        other.thread().interrupt();
        assertThatThrownBy(other::get).hasCauseInstanceOf(InterruptedException.class);
      }
      another.rollback();
      var mine = answers.getFirst().get().orElseThrow().events().orElseThrow();
      assertThat(mine.rows()).hasSize(1);
      mine.close();
    }
    Await.until("the memory to be free", PATIENCE, this::isFree);
  }

  private record Plans(int custom, int generic) {}

  /** How the prepared statements of the only session have been planned. */
  private List<Plans> plansOf(String statement) throws Exception {
    try (var loan = source.borrow();
        var question =
            loan.connection()
                .prepareStatement(
                    """
                    select custom_plans, generic_plans from pg_prepared_statements
                     where statement like ?""")) {
      question.setString(1, statement);
      try (var rows = question.executeQuery()) {
        var plans = new ArrayList<Plans>();
        while (rows.next()) {
          plans.add(new Plans(rows.getInt(1), rows.getInt(2)));
        }
        return plans;
      }
    }
  }

  private boolean isWaitedFor(String table) {
    return database.number(
            "select count(*) from pg_locks where not granted and relation = ?::regclass", table)
        == 1;
  }

  private boolean isFree() {
    try (var room = memory.tryReserve().orElse(null)) {
      return room != null;
    }
  }

  /** How many transactions have written the positions as they are. */
  private long transactions() {
    return database.number("select count(distinct xmin::text) from pgq.subscription");
  }

  private List<Asking> together(List<Long> delivered) throws Exception {
    return whileLent(
        i ->
            asking(
                QUEUES.get(i),
                delivered.isEmpty() ? OptionalLong.empty() : OptionalLong.of(delivered.get(i))));
  }

  /** Starts one for each queue while nobody can be answered. */
  private List<Asking> whileLent(IntFunction<Asking> start) throws Exception {
    var asking = new ArrayList<Asking>();
    try (var lent = source.borrow()) {
      for (int i = 0; i < QUEUES.size(); i++) {
        asking.add(start.apply(i));
        Await.until(
            QUEUES.get(i) + " to wait for " + lent.connection(),
            PATIENCE,
            () -> asking.getLast().thread().getState() == Thread.State.WAITING);
      }
    }
    return asking;
  }

  private Asking asking(String queue, OptionalLong delivered) {
    return start(() -> batches.next(queue(queue), delivered, true));
  }

  private Asking end(String queue, long delivered) {
    return start(
        () -> {
          batches.finish(queue(queue), delivered);
          return Optional.empty();
        });
  }

  private SourceQueue queue(String name) {
    return new SourceQueue(place, name, "mover", new Route.Whole(name), OriginColumn.NONE);
  }

  private static Asking start(Callable<Optional<Opened>> question) {
    var answer = new FutureTask<>(question);
    return new Asking(Thread.ofVirtual().start(answer), answer);
  }

  private record Asking(Thread thread, FutureTask<Optional<Opened>> answer) {

    Optional<Opened> get() throws Exception {
      return answer.get();
    }
  }
}
