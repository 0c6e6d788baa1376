package io.github.pgqfleet.worker.coop;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgqfleet.fixture.OnEachServer;
import io.github.pgqfleet.fixture.TestDatabase;
import java.sql.SQLException;
import org.junit.jupiter.api.Test;

/** What one client after the other sees of pgq_coop. */
@OnEachServer
class PgqCoopIT extends CoopTestCase {

  PgqCoopIT(TestDatabase database) {
    super(database);
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
  void writesNothingWhenThereIsNothingToDo() throws SQLException {
    var a = registered(A).begin();

    assertThat(a.coop.nextBatch(A, LONG)).isEmpty();

    // Neither a transaction id nor a lock that siblings would wait for.
    var b = registered(B);
    tickWith("1");
    assertThat(b.coop.nextBatch(B)).isPresent();
    a.rollback();
  }
}
