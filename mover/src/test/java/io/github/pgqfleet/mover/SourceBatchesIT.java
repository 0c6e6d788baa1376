package io.github.pgqfleet.mover;

import static io.github.pgqfleet.mover.TestFleet.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.pgqfleet.fixture.Await;
import io.github.pgqfleet.fixture.PgqServer;
import io.github.pgqfleet.fixture.PgqServerExtension;
import io.github.pgqfleet.fixture.TestDatabase;
import io.github.pgqfleet.pgq.OpenBatch;
import io.github.pgqfleet.sql.Pools;
import io.github.pgqfleet.sql.Sessions;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Queues of one source that ask while its only connection is lent to somebody else. */
@ExtendWith(PgqServerExtension.class)
class SourceBatchesIT {

  private static final List<String> QUEUES = List.of("b", "c", "a");

  private final Pools pools = new Pools(new Sessions("test mover"));
  private TestDatabase database;
  private Lender source;
  private SourceBatches batches;

  @BeforeEach
  void queues(PgqServer server, @TempDir Path directory) {
    database = server.newDatabase();
    for (var queue : QUEUES) {
      database.createQueue(queue);
      database.registerConsumer(queue, "mover");
      database.insertEvent(queue, "t", "1");
      database.tick(queue);
    }
    var fleet = new TestFleet(directory, server.newDatabase(), database);
    source = new Lender(pools.pool(fleet.queue(database).source(), 1), 1);
    batches = new SourceBatches(source, "mover", 0);
  }

  @AfterEach
  void disconnect() {
    pools.close();
  }

  @Test
  void opensAndFinishesTogetherWhatAsksTogether() throws Exception {
    var opened = new ArrayList<Long>();
    for (var batch : together(QUEUES, List.of())) {
      opened.add(batch.get().orElseThrow().batch().id());
    }
    assertThat(transactions()).isEqualTo(1);

    var next = together(QUEUES, opened);
    for (var batch : next) {
      assertThat(batch.get()).isEmpty();
    }
    assertThat(transactions()).isEqualTo(1);
    assertThat(database.number("select count(*) from pgq.subscription where sub_batch is not null"))
        .isZero();
  }

  @Test
  void answersTheOthersWithoutTheOneThatIsWrong() throws Exception {
    database.execute("select pgq.unregister_consumer('c', 'mover')");
    var answers = together(QUEUES, List.of());
    assertThat(answers.get(0).get()).isPresent();
    assertThatThrownBy(() -> answers.get(1).get())
        .isInstanceOf(ExecutionException.class)
        .hasMessageContaining("Not subscriber");
    assertThat(answers.get(2).get()).isPresent();
  }

  /** How many transactions have written the positions as they are. */
  private long transactions() {
    return database.number("select count(distinct xmin::text) from pgq.subscription");
  }

  private List<FutureTask<Optional<OpenBatch>>> together(List<String> queues, List<Long> delivered)
      throws Exception {
    var answers = new ArrayList<FutureTask<Optional<OpenBatch>>>();
    var threads = new ArrayList<Thread>();
    try (var lent = source.borrow()) {
      for (int i = 0; i < queues.size(); i++) {
        var queue = queues.get(i);
        var done = delivered.isEmpty() ? OptionalLong.empty() : OptionalLong.of(delivered.get(i));
        var answer = new FutureTask<>(() -> batches.next(queue, done, true));
        answers.add(answer);
        threads.add(Thread.ofVirtual().start(answer));
      }
      Await.until(
          "all queues to wait for " + lent.connection(),
          PATIENCE,
          () -> threads.stream().allMatch(t -> t.getState() == Thread.State.WAITING));
    }
    return answers;
  }
}
