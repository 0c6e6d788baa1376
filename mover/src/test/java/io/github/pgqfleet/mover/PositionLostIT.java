package io.github.pgqfleet.mover;

import static io.github.pgqfleet.mover.TestFleet.CONSUMER;
import static io.github.pgqfleet.mover.TestFleet.QUEUE;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgqfleet.fixture.PgqServer;
import io.github.pgqfleet.fixture.PgqServerExtension;
import io.github.pgqfleet.fixture.TestDatabase;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Positions that do not fit: the queue stops and says so, nothing is touched, the others go on. */
@ExtendWith(PgqServerExtension.class)
class PositionLostIT {

  private TestDatabase source;
  private TestDatabase other;
  private TestDatabase destination;
  private TestFleet fleet;

  @BeforeEach
  void databases(PgqServer server, @TempDir Path directory) {
    source = server.newDatabase();
    other = server.newDatabase();
    destination = server.newDatabase();
    fleet = new TestFleet(directory, destination, source, other);
  }

  @Test
  void stopsAQueueThatWasDroppedAndCreatedAgain() throws Exception {
    try (var _ = RunningMover.of(fleet)) {
      fleet.awaitPosition(source);
      fleet.awaitDrained(source);
      fleet.awaitDrained(other);
    }
    var position = fleet.position(source);
    source.execute("select pgq.drop_queue('orders', true)");
    source.createQueue(QUEUE);
    source.registerConsumer(QUEUE, CONSUMER);
    source.insertEvent(QUEUE, "t", "of the new queue");
    source.tick(QUEUE);
    assertStopsOnly(position);
  }

  @Test
  void stopsAQueueWhoseConsumerWasMovedByHand() throws Exception {
    try (var _ = RunningMover.of(fleet)) {
      fleet.awaitPosition(source);
      fleet.awaitDrained(source);
      fleet.awaitDrained(other);
    }
    var position = fleet.position(source);
    source.insertEvent(QUEUE, "t", "skipped by hand");
    var tick = source.tick(QUEUE);
    source.execute("select pgq.register_consumer_at('orders', 'pgq_fleet', ?)", tick);
    source.insertEvent(QUEUE, "t", "after it");
    source.tick(QUEUE);
    assertStopsOnly(position);
  }

  @Test
  void stopsAQueueThatTheDestinationDoesNotKnow() throws Exception {
    source.registerConsumer(QUEUE, CONSUMER);
    source.insertEvent(QUEUE, "t", "whose is it");
    source.tick(QUEUE);
    assertStopsOnly("none");
  }

  @Test
  void stopsAQueueWhoseConsumerIsGone() throws Exception {
    try (var _ = RunningMover.of(fleet)) {
      fleet.awaitPosition(source);
      fleet.awaitDrained(source);
      fleet.awaitDrained(other);
    }
    var position = fleet.position(source);
    source.execute("select pgq.unregister_consumer('orders', 'pgq_fleet')");
    assertStopsOnly(position);
  }

  /** The source's queue stops, loudly and with nothing touched; the other one goes on. */
  private void assertStopsOnly(String position) throws Exception {
    try (var mover = RunningMover.of(fleet)) {
      mover.await("lost position", () -> mover.health().contains("position lost of s0/"));
      fleet.awaitPosition(other);
      other.insertEvent(QUEUE, "t", "of the other");
      fleet.awaitDrained(other);
      assertThat(mover.health()).contains("position lost of s0/").doesNotContain("s1/");
    }
    assertThat(fleet.arrived()).containsExactly("of the other");
    assertThat(fleet.position(source)).isEqualTo(position);
  }

  @Test
  void goesToALaterTickThatTheDestinationHasAlready() throws Exception {
    try (var _ = RunningMover.of(fleet)) {
      fleet.awaitPosition(source);
      source.insertEvent(QUEUE, "t", "a");
      fleet.awaitDrained(source);
    }
    // Set back on the source, by an operator or a lost race: the destination knows better.
    source.execute(
        """
        select pgq.register_consumer_at('orders', 'pgq_fleet',
               (select min(tick_id) from pgq.tick))""");
    try (var mover = RunningMover.of(fleet)) {
      source.insertEvent(QUEUE, "t", "b");
      fleet.awaitDrained(source);
      assertThat(mover.health()).isEmpty();
    }
    assertThat(fleet.arrived()).containsExactly("a", "b");
  }
}
