package io.github.pgqfleet.mover;

import static io.github.pgqfleet.mover.Operator.delivered;
import static io.github.pgqfleet.mover.TestFleet.QUEUE;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgqfleet.fixture.OnEachServer;
import io.github.pgqfleet.fixture.PgqServer;
import io.github.pgqfleet.fixture.PgqServerExtension;
import io.github.pgqfleet.fixture.TestDatabase;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Databases restored from an older backup under a running mover, and the operator's ways out. */
@ExtendWith(PgqServerExtension.class)
@OnEachServer
class RestoreIT {

  private final List<TemplateBackup> backups = new ArrayList<>();
  private TestDatabase maintenance;
  private TestDatabase source;
  private TestDatabase other;
  private TestDatabase destination;
  private TestFleet fleet;
  private Operator operator;
  private String queue;
  private RunningMover mover;

  @BeforeEach
  void moveOneEvent(PgqServer server, @TempDir Path directory) throws Exception {
    maintenance = server.maintenanceDatabase();
    source = server.newDatabase();
    other = server.newDatabase();
    destination = server.newDatabase();
    fleet = new TestFleet(directory, destination, source, other);
    operator = new Operator(fleet);
    queue = fleet.queueId(source);
    mover = RunningMover.of(fleet);
    fleet.awaitPosition(source);
    fleet.awaitPosition(other);
    write(source, "a");
    fleet.awaitDrained(source);
    fleet.awaitDrained(other);
  }

  @AfterEach
  void stop() {
    mover.close();
    backups.forEach(TemplateBackup::drop);
  }

  @Test
  void aRestoredSourceIsRewoundToWhatTheBackupHadFinished() throws Exception {
    restoreSource();
    // b was delivered after the backup was made; c only ever was at the destination.
    operator.moves(3, 1, "rewind", queue);
    assertGoesOn();
    assertThat(delivered(destination))
        .containsExactly("a", "b", "c", "o", "b", "d", "written then", "later");
  }

  @Test
  void aRestoredSourceIsSkippedToItsEnd() throws Exception {
    restoreSource();
    operator.moves(3, 1, "skip", queue);
    assertGoesOn();
    assertThat(delivered(destination)).containsExactly("a", "b", "c", "o", "later");
  }

  @Test
  void aRestoredSourceIsSkippedToTheTimeOfTheRestore() throws Exception {
    var restored = restoreSource();
    operator.moves(1, 1, "skip", "--to", restored, queue);
    assertGoesOn();
    assertThat(delivered(destination))
        .containsExactly("a", "b", "c", "o", "d", "written then", "later");
  }

  /**
   * The backup has b, which had not been delivered then; d is written after the restore.
   *
   * @return the time of the restore
   */
  private String restoreSource() throws Exception {
    source.insertEvent(QUEUE, "t", "b");
    var backup = backup(source);
    source.tick(QUEUE);
    fleet.awaitDrained(source);
    write(source, "c");
    fleet.awaitDrained(source);
    backup.restore();
    var now = source.string("select to_char(now(), 'YYYY-MM-DD\"T\"HH24:MI:SS.USTZH:TZM')");
    source.tick(QUEUE);
    write(source, "d");
    assertStopsOnly();
    return now;
  }

  @Test
  void aRestoredDestinationIsRewoundWithNothingLostAndNothingTwice() throws Exception {
    restoreDestination();
    operator.moves(4, 0, "rewind", queue);
    assertGoesOn();
    assertThat(delivered(destination))
        .containsExactly("a", "o", "b", "c", "d", "written then", "later");
  }

  @Test
  void aRestoredDestinationIsSkippedToTheEndOfTheSource() throws Exception {
    restoreDestination();
    operator.moves(4, 0, "skip", queue);
    assertGoesOn();
    assertThat(delivered(destination)).containsExactly("a", "o", "later");
  }

  private void restoreDestination() throws Exception {
    var backup = backup(destination);
    write(source, "b");
    write(source, "c");
    fleet.awaitDrained(source);
    assertThat(delivered(destination)).containsExactly("a", "b", "c");
    backup.restore();
    write(source, "d");
    assertStopsOnly();
  }

  @Test
  void aDestinationRestoredFromBeforeTheRotationIsRewoundToTheOldestTick() throws Exception {
    source.execute("select pgq.set_queue_config('orders', 'rotation_period', '0')");
    var backup = backup(destination);
    write(source, "rotated away");
    fleet.awaitDrained(source);
    rotate();
    rotate();
    rotate();
    write(source, "c");
    fleet.awaitDrained(source);
    backup.restore();
    write(source, "d");
    assertStopsOnly();

    assertThat(operator.run("rewind", "--dry-run", queue).output())
        .contains(queue + ": caution: rotation has removed the events between tick");
    operator.moves(3, 0, "rewind", queue);
    assertGoesOn();
    assertThat(delivered(destination)).containsExactly("a", "o", "c", "d", "written then", "later");
  }

  private void rotate() {
    source.tick(QUEUE);
    fleet.awaitDrained(source);
    source.execute("select pgq.maint_rotate_tables_step1('orders')");
    source.execute("select pgq.maint_rotate_tables_step2()");
    source.tick(QUEUE);
    fleet.awaitDrained(source);
  }

  @Test
  void manyQueuesAreRewoundAtOnceAndThoseThatFitAreLeft(PgqServer server) throws Exception {
    var third = server.newDatabase();
    third.createQueue(QUEUE);
    fleet.addSource(third);
    var backup = backup(destination);
    write(source, "b");
    write(other, "p");
    fleet.awaitDrained(source);
    fleet.awaitDrained(other);
    backup.restore();
    write(source, "c");
    write(other, "q");
    mover.await("lost positions", () -> mover.positionsLost() == 2);

    var answer = operator.run("rewind", "--yes", "s0", "s1/" + other.name(), queue, "s2");
    assertThat(answer.output())
        .contains(fleet.queueId(third) + ": is not registered yet, which `mover run` does")
        .contains("rewind: queues=3 lost=2 moved=2 events=4 delivered_before=0 failed=0");
    assertThat(operator.run("rewind", "--yes", "s0", "s1").output())
        .contains(queue + ": is not lost, left as it is")
        .contains("rewind: queues=2 lost=0 moved=0 events=0 delivered_before=0 failed=0");
    assertGoesOn();
    fleet.awaitDrained(other);
    assertThat(delivered(destination))
        .containsExactlyInAnyOrder("a", "b", "p", "c", "q", "later")
        .containsSubsequence("a", "b", "c", "later")
        .containsSubsequence("p", "q");
  }

  private TemplateBackup backup(TestDatabase database) {
    var backup = TemplateBackup.of(database, maintenance);
    backups.add(backup);
    return backup;
  }

  private void write(TestDatabase database, String data) {
    database.insertEvent(QUEUE, "t", data);
    database.tick(QUEUE);
  }

  private void assertStopsOnly() throws Exception {
    LostPosition.assertStopsOnly(source, other, fleet, mover, destination, this::write);
  }

  /** The running mover goes on by itself, with nothing wrong. */
  private void assertGoesOn() {
    write(source, "later");
    fleet.awaitDrained(source);
    mover.await("health", () -> mover.health().isEmpty());
    assertThat(mover.positionsLost()).isZero();
  }
}
