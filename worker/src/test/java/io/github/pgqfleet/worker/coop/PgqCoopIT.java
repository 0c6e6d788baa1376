package io.github.pgqfleet.worker.coop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.pgqfleet.fixture.PgqServerExtension;
import io.github.pgqfleet.fixture.TestDatabase;
import io.github.pgqfleet.sql.SqlScript;
import io.github.pgqfleet.worker.WorkerMain;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Our pgq_coop, called as clients call it, each in a session of its own. */
@ExtendWith(PgqServerExtension.class)
class PgqCoopIT {

  private static final SubConsumerId A = new SubConsumerId("orders", "workers", "a");
  private static final SubConsumerId B = new SubConsumerId("orders", "workers", "b");
  private static final SubConsumerId C = new SubConsumerId("orders", "workers", "c");
  private static final Duration LONG = Duration.ofHours(1);

  private final TestDatabase database;
  private final List<CoopSession> sessions = new ArrayList<>();

  PgqCoopIT(TestDatabase database) {
    this.database = database;
  }

  @BeforeEach
  void installs() {
    database.execute(SqlScript.load(WorkerMain.class, "pgq_coop.sql"));
    database.createQueue("orders");
  }

  @AfterEach
  void closesSessions() throws SQLException {
    for (var session : sessions) {
      session.close();
    }
  }

  @Test
  void sharesTheBatchesOfAQueue() throws SQLException {
    var a = registered(A);
    var b = registered(B);
    tickWith("1", "2");
    tickWith("3");

    long first = a.open(A);
    long second = b.open(B);

    assertThat(events(first)).containsExactly("1", "2");
    assertThat(events(second)).containsExactly("3");
    assertThat(b.coop.finishBatch(second)).isTrue();
    assertThat(a.coop.finishBatch(first)).isTrue();
    assertThat(a.coop.nextBatch(A)).isEmpty();
    assertThat(b.coop.nextBatch(B)).isEmpty();
  }

  @Test
  void returnsTheOpenBatchAgainAndTakesItAsASignOfLife() throws SQLException {
    var a = registered(A);
    tickWith("1");
    long batch = a.open(A);
    database.execute("update pgq.subscription set sub_active = now() - interval '1 hour'");

    assertThat(a.open(A)).isEqualTo(batch);

    assertThat(
            database.number(
                "select count(*) from pgq.subscription"
                    + " where sub_batch = ? and sub_active > now() - interval '1 minute'",
                batch))
        .isEqualTo(1);
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
  void registersTheSameSubConsumerOnceWhenTwoDoAtOnce() throws Exception {
    var one = session().begin();
    assertThat(one.coop.registerSubconsumer(A)).isTrue();
    var two = session();

    var again = two.blocked(() -> two.coop.registerSubconsumer(A));
    one.commit();

    assertThat(again.get(20, TimeUnit.SECONDS)).isFalse();
    assertThat(members()).containsExactly("workers", "workers.a");
  }

  @Test
  void registersSiblingsOfANewConsumerAtOnceInOneGroup() throws Exception {
    var one = session().begin();
    assertThat(one.coop.registerSubconsumer(A)).isTrue();
    var two = session();

    var sibling = two.blocked(() -> two.coop.registerSubconsumer(B));
    one.commit();

    assertThat(sibling.get(20, TimeUnit.SECONDS)).isTrue();
    assertThat(members()).containsExactly("workers", "workers.a", "workers.b");
    assertThat(database.number("select count(distinct sub_id) from pgq.subscription")).isOne();
  }

  @Test
  void registersAfterAllWhenTheOtherRegistrationIsRolledBack() throws Exception {
    var one = session().begin();
    one.coop.registerSubconsumer(A);
    var two = session();

    var again = two.blocked(() -> two.coop.registerSubconsumer(A));
    one.rollback();

    assertThat(again.get(20, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void refusesToUnregisterWithAnOpenBatchUnlessItIsGivenUp() throws SQLException {
    var a = registered(A);
    tickWith("1");
    long batch = a.open(A);

    assertThatThrownBy(() -> a.coop.unregisterSubconsumer(A))
        .hasMessageContaining("batch " + batch);
    assertThat(events(batch)).containsExactly("1");

    assertThat(database.number("select pgq_coop.unregister_subconsumer('orders','workers','a',1)"))
        .isOne();
    assertThat(members()).containsExactly("workers");
  }

  @Test
  void unregistersAnIdleSubConsumerOnce() throws SQLException {
    var a = registered(A);

    assertThat(a.coop.unregisterSubconsumer(A)).isTrue();
    assertThat(a.coop.unregisterSubconsumer(A)).isFalse();
    assertThat(members()).containsExactly("workers");
  }

  @Test
  void registersASubConsumerThatAsksForABatchUnregistered() throws SQLException {
    registered(A);
    tickWith("1");
    var b = session();

    assertThat(b.coop.nextBatch(B)).isPresent();
    assertThat(members()).containsExactly("workers", "workers.a", "workers.b");
  }

  @Test
  void writesNothingWhenThereIsNothingToDo() throws SQLException {
    var a = registered(A).begin();

    assertThat(a.coop.nextBatch(A, LONG)).isEmpty();

    // Neither a transaction id nor a lock that siblings would wait for.
    var b = registered(B);
    tickWith("1");
    assertThat(b.coop.nextBatch(B)).isPresent();
    a.rollback();
  }

  @Test
  void leavesTheBatchesOfPlainConsumersAlone() throws SQLException {
    database.registerConsumer("orders", "plain");
    tickWith("1");
    long batch = database.number("select pgq.next_batch('orders', 'plain')");

    assertThat(session().coop.finishBatch(batch)).isFalse();
    assertThatThrownBy(
            () -> session().coop.registerSubconsumer(new SubConsumerId("orders", "plain", "x")))
        .isInstanceOf(SQLException.class)
        .hasMessageContaining("batch open");
    assertThat(events(batch)).containsExactly("1");
  }

  @Test
  void namesTheConsumerThatIsNotRegistered() {
    assertThatThrownBy(() -> session().coop.nextBatch(A))
        .hasMessageContaining("consumer workers is not registered on queue orders");
  }

  @Test
  void mayBeUsedByReadersOnly() throws SQLException {
    registered(A);
    var role = "reader_of_" + database.name();
    database.execute("create role \"" + role + "\"");
    try {
      var call = "set role \"" + role + "\"; select pgq_coop.next_batch('orders', 'workers', 'a')";
      assertThatThrownBy(() -> database.execute(call)).hasMessageContaining("permission denied");
      database.execute("grant pgq_reader to \"" + role + "\"");
      database.execute(call);
    } finally {
      database.execute("drop role \"" + role + "\"");
    }
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

  private CoopSession session() throws SQLException {
    var session = new CoopSession(database);
    sessions.add(session);
    return session;
  }

  private CoopSession registered(SubConsumerId id) throws SQLException {
    var session = session();
    session.coop.registerSubconsumer(id);
    return session;
  }

  private void tickWith(String... data) {
    database.insertEvents("orders", "test", List.of(data));
    database.tick("orders");
  }

  private List<String> events(long batch) {
    return database.strings("select ev_data from pgq.get_batch_events(?)", batch);
  }

  private List<String> members() {
    return database.strings(
        "select co_name from pgq.subscription join pgq.consumer on co_id = sub_consumer order by"
            + " 1");
  }
}
