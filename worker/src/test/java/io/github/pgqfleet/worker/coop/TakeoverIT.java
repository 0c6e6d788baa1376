package io.github.pgqfleet.worker.coop;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgqfleet.fixture.OnEachServer;
import io.github.pgqfleet.fixture.TestDatabase;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Batches that change hands, and sessions that meet while they do. */
@OnEachServer
class TakeoverIT extends CoopTestCase {

  TakeoverIT(TestDatabase database) {
    super(database);
  }

  @Test
  void doesNotHandOutABatchThatIsJustBeingFinished() throws Exception {
    var a = registered(A);
    var b = registered(B);
    tickWith("1");
    long batch = a.open(A);
    a.begin();
    assertThat(a.coop.finishBatch(batch)).isTrue();

    var takeOver = b.blocked(() -> b.takeOver(B));
    a.commit();

    assertThat(takeOver.get(20, TimeUnit.SECONDS)).isEmpty();
  }

  @Test
  void handsOutABatchWhoseFinishIsRolledBack() throws Exception {
    var a = registered(A);
    var b = registered(B);
    tickWith("1");
    long batch = a.open(A);
    a.begin();
    assertThat(a.coop.finishBatch(batch)).isTrue();

    var takeOver = b.blocked(() -> b.takeOver(B));
    a.rollback();

    assertThat(events(takeOver.get(20, TimeUnit.SECONDS).orElseThrow())).containsExactly("1");
    assertThat(a.coop.finishBatch(batch)).isFalse();
  }

  @Test
  void refusesAFinishThatWaitedForATakeover() throws Exception {
    var a = registered(A);
    var b = registered(B);
    tickWith("1");
    long batch = a.open(A);
    b.begin();
    long taken = b.takeOver(B).orElseThrow();

    var finish = a.blocked(() -> a.coop.finishBatch(batch));
    b.commit();

    assertThat(finish.get(20, TimeUnit.SECONDS)).isFalse();
    assertThat(b.coop.finishBatch(taken)).isTrue();
  }

  @Test
  void givesTwoThatAskAtOnceDifferentBatches() throws Exception {
    var a = registered(A);
    var b = registered(B);
    tickWith("1");
    tickWith("2");
    a.begin();
    long first = a.open(A);

    var second = b.blocked(() -> b.open(B));
    a.commit();

    assertThat(events(first)).containsExactly("1");
    assertThat(events(second.get(20, TimeUnit.SECONDS))).containsExactly("2");
  }

  @Test
  void givesATakenOverBatchANewIdSoThatTheOldOneCannotBeFinished() throws SQLException {
    var a = registered(A);
    var b = registered(B);
    tickWith("1", "2");
    long old = a.open(A);

    long taken = b.takeOver(B).orElseThrow();

    assertThat(taken).isNotEqualTo(old);
    assertThat(events(taken)).containsExactly("1", "2");
    assertThat(a.coop.finishBatch(old)).isFalse();
    assertThat(b.coop.finishBatch(taken)).isTrue();
  }

  @Test
  void takesOverTheOldestBatchAndOnlyPastTheDeadInterval() throws SQLException {
    var a = registered(A);
    var b = registered(B);
    var c = registered(C);
    tickWith("1");
    tickWith("2");
    a.open(A);
    b.open(B);

    assertThat(c.coop.nextBatch(C, LONG)).isEmpty();
    assertThat(events(c.takeOver(C).orElseThrow())).containsExactly("1");
  }

  @Test
  void leavesIdleSiblingsAloneWhenItTakesOver() throws SQLException {
    var a = registered(A);
    var b = registered(B);
    registered(C);
    tickWith("1");
    a.open(A);
    database.execute("update pgq.subscription set sub_active = now() - interval '1 hour'");

    assertThat(b.coop.nextBatch(B, Duration.ofMinutes(1))).isPresent();

    assertThat(members()).containsExactly("workers", "workers.a", "workers.b", "workers.c");
  }

  @Test
  void keepsTheSubConsumersOfManySessionsApart() throws Exception {
    registered(A);
    for (int i = 1; i <= 200; i++) {
      tickWith(Integer.toString(i));
    }
    var workers = new ArrayList<java.util.concurrent.FutureTask<List<String>>>();
    for (var name : List.of("a", "b", "c", "d")) {
      var session = session();
      var task =
          new java.util.concurrent.FutureTask<>(
              () -> drain(session, new SubConsumerId("orders", "workers", name)));
      workers.add(task);
      Thread.ofVirtual().start(task);
    }

    var all = new ArrayList<String>();
    for (var worker : workers) {
      all.addAll(worker.get(60, TimeUnit.SECONDS));
    }

    var expected = new ArrayList<String>();
    for (int i = 1; i <= 200; i++) {
      expected.add(Integer.toString(i));
    }
    assertThat(all).containsExactlyInAnyOrderElementsOf(expected);
  }

  private List<String> drain(CoopSession session, SubConsumerId id)
      throws SQLException, ExecutionException {
    var all = new ArrayList<String>();
    session.coop.registerSubconsumer(id);
    while (true) {
      var batch = session.coop.nextBatch(id, LONG);
      if (batch.isEmpty()) {
        return all;
      }
      session.begin();
      all.addAll(events(batch.getAsLong()));
      assertThat(session.coop.nextBatch(id)).isEqualTo(batch);
      assertThat(session.coop.finishBatch(batch.getAsLong())).isTrue();
      session.commit();
    }
  }
}
