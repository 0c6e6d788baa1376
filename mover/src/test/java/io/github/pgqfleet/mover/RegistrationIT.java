package io.github.pgqfleet.mover;

import static io.github.pgqfleet.mover.TestFleet.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgqfleet.fixture.Await;
import io.github.pgqfleet.fixture.PgqServer;
import io.github.pgqfleet.fixture.PgqServerExtension;
import io.github.pgqfleet.fixture.TestDatabase;
import io.github.pgqfleet.sql.Pools;
import io.github.pgqfleet.sql.Sessions;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** A queue that asks, with one connection to lend on either side, whether it is registered. */
@ExtendWith(PgqServerExtension.class)
class RegistrationIT {

  private final Pools pools = new Pools(new Sessions("test mover"));
  private TestDatabase source;
  private TestDatabase destination;
  private SourceQueue queue;
  private Lender ofSource;
  private Lender ofDestination;

  @BeforeEach
  void databases(PgqServer server, @TempDir Path directory) {
    source = server.newDatabase();
    destination = server.newDatabase();
    var fleet = new TestFleet(directory, destination, source);
    queue = fleet.queue(source);
    ofSource = new Lender(pools.pool(queue.source(), 1), 1);
    ofDestination = new Lender(pools.pool(fleet.config().fleet().destination(), 1), 1);
  }

  @AfterEach
  void disconnect() {
    pools.close();
  }

  @Test
  void isDoneOnceBothSidesKnowTheConsumer() throws Exception {
    assertThat(Registration.isDone(queue, ofSource, ofDestination)).isFalse();
    register();
    assertThat(Registration.isDone(queue, ofSource, ofDestination)).isTrue();
    destination.execute("delete from pgq_fleet.position");
    assertThat(Registration.isDone(queue, ofSource, ofDestination)).isFalse();
  }

  @Test
  void keepsNoConnectionToTheSourceWhileItWaitsForTheDestination() throws Exception {
    register();
    var asking = new FutureTask<>(() -> Registration.isDone(queue, ofSource, ofDestination));
    try (var lent = ofDestination.borrow()) {
      var thread = Thread.ofVirtual().start(asking);
      Await.until(
          "it to wait for " + lent.connection() + " and the source's connection to be free",
          PATIENCE,
          () -> thread.getState() == Thread.State.WAITING && isFree(ofSource));
    }
    assertThat(asking.get()).isTrue();
  }

  private void register() throws Exception {
    try (var s = source.connect();
        var d = destination.connect()) {
      Registration.ensure(queue, s, d);
    }
  }

  private static boolean isFree(Lender lender) {
    try (var loan = lender.tryBorrow().orElse(null)) {
      return loan != null;
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }
}
