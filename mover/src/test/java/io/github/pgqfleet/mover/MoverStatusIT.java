package io.github.pgqfleet.mover;

import static io.github.pgqfleet.mover.TestFleet.PATIENCE;
import static io.github.pgqfleet.mover.TestFleet.QUEUE;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.pgqfleet.fixture.Await;
import io.github.pgqfleet.fixture.FleetProcess;
import io.github.pgqfleet.fixture.PgqServer;
import io.github.pgqfleet.fixture.PgqServerExtension;
import io.github.pgqfleet.fixture.TestDatabase;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** What {@code mover status} says while a mover runs. */
@ExtendWith(PgqServerExtension.class)
class MoverStatusIT {

  private TestDatabase source;
  private TestDatabase destination;
  private TestFleet fleet;

  @BeforeEach
  void databases(PgqServer server, @TempDir Path directory) {
    source = server.newDatabase();
    destination = server.newDatabase();
    fleet = new TestFleet(directory, destination, source);
  }

  @Test
  void showsWhoLeadsWhatAndHowMuchEachRouteMoves() throws Exception {
    try (var _ = RunningMover.of(fleet)) {
      fleet.awaitPosition(source);
      source.insertEvents(QUEUE, "t", List.of("a", "b", "c"));
      fleet.awaitDrained(source);
      awaitFigures("(f->>'eventsPerSecond')::float8 > 0");
      source.insertEvents(QUEUE, "t", List.of("d", "e"));
      var id = destination.string("select mover_id from pgq_fleet.mover");
      var status = json();
      assertThat(status.at("/queues/0/leader").asText()).isEqualTo(id);
      assertThat(status.at("/queues/0/state").asText()).isEqualTo("active");
      assertThat(status.at("/movers/0/id").asText()).isEqualTo(id);
      assertThat(status.at("/movers/0/alive").asBoolean()).isTrue();
      assertThat(status.at("/movers/0/leads/0").asText())
          .isEqualTo(fleet.queue(source).source().id());
      assertThat(status.at("/movers").size()).isEqualTo(1);
      assertThat(status.at("/routes/0/queue").asText()).isEqualTo(QUEUE);
      assertThat(status.at("/routes/0/destinations/0").asText()).isEqualTo(QUEUE);
      assertThat(status.at("/routes/0/eventsPerSecond").asDouble()).isPositive();
      assertThat(status.at("/routes/0/batchesPerSecond").asDouble()).isPositive();
      assertThat(status.at("/routes/0/pendingEvents").asLong()).isEqualTo(2);
      assertThat(status.at("/routes/0/lagSeconds").asDouble()).isPositive();
      assertThat(status.at("/routes/0/etaSeconds").asDouble()).isPositive();
    }
    try (var status = command("status")) {
      assertThat(status.exitCode(PATIENCE)).isZero();
      assertThat(status.output())
          .containsPattern("orders -> orders +0.0 +0.0 +[12] +[0-9.]+ +-")
          .contains("movers=0 drains=0 unreachable=0");
    }
  }

  @Test
  void countsFromWhatIsDeliveredThoughItIsNotFinishedYet() throws Exception {
    try (var _ = RunningMover.of(fleet, "finish-delay = 1h, idle-finish-delay = 1h")) {
      fleet.awaitPosition(source);
      source.insertEvents(QUEUE, "t", List.of("a", "b", "c"));
      // It moves the event sequence by far, as a ticker does for events that PgQ overlooks.
      source.tick(QUEUE);
      assertThat(fleet.awaitArrival(3)).containsExactly("a", "b", "c");
      awaitFigures("(f->>'eventsPerSecond')::float8 > 0 and (f->>'pendingEvents')::int8 = 0");
      assertThat(json().at("/queues/0/pendingEvents").asLong()).isZero();
      assertThat(json().at("/routes/0/pendingEvents").asLong()).isZero();
      assertThat(source.number("select count(*) from pgq.subscription where sub_batch is not null"))
          .isEqualTo(1);
    }
  }

  @Test
  void countsFromWhatIsFinishedWhereThePositionIsLost() throws Exception {
    try (var _ = RunningMover.of(fleet)) {
      fleet.awaitPosition(source);
      fleet.awaitDrained(source);
    }
    source.insertEvents(QUEUE, "t", List.of("a", "b", "c"));
    destination.execute(
        "update pgq_fleet.position"
            + " set tick_id = tick_id + 1000, tick_event_seq = tick_event_seq + 1000000");
    var status = json();
    assertThat(status.at("/queues/0/state").asText()).isEqualTo("lost");
    assertThat(status.at("/queues/0/pendingEvents").asLong()).isEqualTo(3);
    assertThat(status.at("/routes/0/pendingEvents").asLong()).isEqualTo(3);
  }

  /** A meter's first rate comes after five seconds; the next heartbeat tells it. */
  private void awaitFigures(String condition) {
    Await.until(
        "figures in the heartbeat with " + condition,
        PATIENCE,
        () ->
            destination.number(
                    "select count(*) from pgq_fleet.mover, jsonb_array_elements(figures) f where "
                        + condition)
                == 1);
  }

  private JsonNode json() throws Exception {
    try (var status = command("status", "--json")) {
      assertThat(status.exitCode(PATIENCE)).isZero();
      return new ObjectMapper().readTree(status.output());
    }
  }

  private FleetProcess command(String... arguments) {
    return FleetProcess.ofModule("mover")
        .arguments(arguments)
        .arguments("--config", fleet.configFile().toString())
        .start();
  }
}
