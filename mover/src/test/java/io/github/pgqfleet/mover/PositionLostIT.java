package io.github.pgqfleet.mover;

import static io.github.pgqfleet.mover.Operator.delivered;
import static io.github.pgqfleet.mover.TestFleet.CONSUMER;
import static io.github.pgqfleet.mover.TestFleet.QUEUE;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgqfleet.fixture.OnEachServer;
import io.github.pgqfleet.fixture.PgqServer;
import io.github.pgqfleet.fixture.PgqServerExtension;
import io.github.pgqfleet.fixture.TestDatabase;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * What somebody does to queues, consumers and positions by hand, under a running mover: the queue
 * stops and says so, nothing is touched, the others go on; and the operator's ways out.
 */
@ExtendWith(PgqServerExtension.class)
@OnEachServer
class PositionLostIT {

  private TestDatabase source;
  private TestDatabase other;
  private TestDatabase destination;
  private TestFleet fleet;
  private Operator operator;
  private String queue;
  private RunningMover mover;

  @BeforeEach
  void moveOneEvent(PgqServer server, @TempDir Path directory) throws Exception {
    source = server.newDatabase();
    other = server.newDatabase();
    destination = server.newDatabase();
    fleet = new TestFleet(directory, destination, source, other);
    operator = new Operator(fleet);
    queue = fleet.queueId(source);
    mover = RunningMover.of(fleet);
    fleet.awaitPosition(source);
    fleet.awaitPosition(other);
    write("a");
    fleet.awaitDrained(source);
    fleet.awaitDrained(other);
  }

  @AfterEach
  void stop() {
    mover.close();
  }

  @Test
  void aQueueDroppedAndCreatedAgainIsRewoundToItsBeginning() throws Exception {
    recreateQueue();
    write("of the new queue");
    assertStopsOnly();

    operator.moves(2, 0, "rewind", queue);
    assertGoesOn();
    assertThat(delivered(destination))
        .containsExactly("a", "o", "of the new queue", "written then", "later");
  }

  @Test
  void aQueueDroppedAndCreatedAgainIsSkippedToItsEnd() throws Exception {
    recreateQueue();
    write("of the new queue");
    assertStopsOnly();

    operator.moves(2, 0, "skip", queue);
    assertGoesOn();
    assertThat(delivered(destination)).containsExactly("a", "o", "later");
  }

  @Test
  void aQueueCreatedAgainWithItsConsumerIsRewoundToTheConsumer() throws Exception {
    recreateQueue();
    source.registerConsumer(QUEUE, CONSUMER);
    write("of the new queue");
    assertStopsOnly();

    operator.moves(2, 0, "rewind", queue);
    assertGoesOn();
    assertThat(delivered(destination))
        .containsExactly("a", "o", "of the new queue", "written then", "later");
  }

  @Test
  void aConsumerRegisteredAgainIsRewoundToWhereTheDestinationIs() throws Exception {
    mover.close();
    write("missed");
    source.execute("select pgq.unregister_consumer('orders', 'pgq_fleet')");
    source.registerConsumer(QUEUE, CONSUMER);
    restartMover();
    write("after it");
    assertStopsOnly();

    operator.moves(3, 0, "rewind", queue);
    assertGoesOn();
    assertThat(delivered(destination))
        .containsExactly("a", "o", "missed", "after it", "written then", "later");
  }

  @Test
  void aConsumerMovedForwardIsSkippedOverWhatItMissed() throws Exception {
    mover.close();
    var tick = write("missed");
    source.execute("select pgq.register_consumer_at('orders', 'pgq_fleet', ?)", tick);
    restartMover();
    write("after it");
    assertStopsOnly();

    operator.moves(3, 0, "skip", queue);
    assertGoesOn();
    assertThat(delivered(destination)).containsExactly("a", "o", "later");
  }

  @Test
  void aConsumerThatIsGoneIsRegisteredWhereTheDestinationIs() throws Exception {
    mover.close();
    source.execute("select pgq.unregister_consumer('orders', 'pgq_fleet')");
    restartMover();
    write("meanwhile");
    assertStopsOnly();

    operator.moves(2, 0, "rewind", queue);
    assertGoesOn();
    assertThat(delivered(destination))
        .containsExactly("a", "o", "meanwhile", "written then", "later");
  }

  @Test
  void aPositionThatIsGoneIsSetToTheConsumer() throws Exception {
    mover.close();
    destination.execute("delete from pgq_fleet.position where source like 's0/%'");
    restartMover();
    write("whose is it");
    assertStopsOnly();

    operator.moves(2, 0, "rewind", queue);
    assertGoesOn();
    assertThat(delivered(destination))
        .containsExactly("a", "o", "whose is it", "written then", "later");
  }

  @Test
  void aConsumerMovedBackGoesToWhereTheDestinationIsByItself() throws Exception {
    source.execute(
        """
        select pgq.register_consumer_at('orders', 'pgq_fleet',
               (select min(tick_id) from pgq.tick))""");
    write("b");
    fleet.awaitDrained(source);
    assertThat(mover.health()).isEmpty();
    assertThat(delivered(destination)).containsExactly("a", "b");
  }

  private void assertStopsOnly() throws Exception {
    LostPosition.assertStopsOnly(source, other, fleet, mover, destination, this::write);
  }

  private void recreateQueue() {
    source.execute("select pgq.drop_queue('orders', true)");
    source.createQueue(QUEUE);
  }

  private void restartMover() throws Exception {
    mover = RunningMover.of(fleet);
  }

  /** Writes one event, and ticks. */
  private long write(String data) {
    return write(source, data);
  }

  private long write(TestDatabase database, String data) {
    database.insertEvent(QUEUE, "t", data);
    return database.tick(QUEUE);
  }

  /** The running mover goes on by itself, with nothing wrong. */
  private void assertGoesOn() {
    write("later");
    fleet.awaitDrained(source);
    mover.await("health", () -> mover.health().isEmpty());
    assertThat(mover.positionsLost()).isZero();
  }
}
