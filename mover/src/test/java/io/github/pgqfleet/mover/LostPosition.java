package io.github.pgqfleet.mover;

import static io.github.pgqfleet.mover.Operator.delivered;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgqfleet.fixture.TestDatabase;
import java.util.stream.Collectors;

/** What must be so when a position is lost. Stateless. */
final class LostPosition {

  private LostPosition() {}

  /** Writes an event into a source, and ticks. */
  interface Writer {
    void write(TestDatabase source, String data);
  }

  /**
   * One queue stops and is named in log, health, metric and status, with the ways out; nothing of
   * it is touched; the other one goes on. Writes {@code written then} into the one, {@code o} into
   * the other.
   */
  static void assertStopsOnly(
      TestDatabase lost,
      TestDatabase other,
      TestFleet fleet,
      RunningMover mover,
      TestDatabase destination,
      Writer writer)
      throws Exception {
    var queue = fleet.queueId(lost);
    mover.await("lost position", () -> mover.health().contains("position lost of " + queue));
    assertThat(mover.health())
        .contains("ways out: `mover rewind --dry-run %s`, `mover skip".formatted(queue))
        .doesNotContain(fleet.queueId(other));
    assertThat(mover.errors())
        .anyMatch(
            e ->
                e.contains("queue=%s event=position_lost".formatted(queue))
                    && e.contains("`mover rewind --dry-run " + queue));
    assertThat(mover.positionsLost()).isEqualTo(1);
    assertThat(
            FleetStatus.look(fleet.config()).queues().stream()
                .collect(
                    Collectors.toMap(FleetStatus.QueueLag::queue, FleetStatus.QueueLag::state)))
        .containsEntry(queue, "lost")
        .containsEntry(fleet.queueId(other), "active")
        .hasSize(2);

    var position = fleet.position(lost);
    var before = delivered(destination);
    writer.write(lost, "written then");
    writer.write(other, "o");
    fleet.awaitDrained(other);
    assertThat(fleet.position(lost)).isEqualTo(position);
    before.add("o");
    assertThat(delivered(destination)).isEqualTo(before);
  }
}
