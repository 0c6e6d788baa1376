package io.github.pgqfleet.worker.coop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.pgqfleet.fixture.OnEachServer;
import io.github.pgqfleet.fixture.TestDatabase;
import java.sql.SQLException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Sub-consumers that come and go, some of them at once; and who may. */
@OnEachServer
class RegistrationIT extends CoopTestCase {

  RegistrationIT(TestDatabase database) {
    super(database);
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
  void namesTheConsumerThatIsNotRegistered() {
    assertThatThrownBy(() -> session().coop.nextBatch(A))
        .hasMessageContaining("consumer workers is not registered on queue orders");
  }
}
