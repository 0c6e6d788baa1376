package io.github.pgqfleet.mover;

import static io.github.pgqfleet.mover.Operator.delivered;
import static io.github.pgqfleet.mover.TestFleet.QUEUE;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgqfleet.fixture.PgqServer;
import io.github.pgqfleet.fixture.PgqServerExtension;
import io.github.pgqfleet.fixture.PrivateCluster;
import io.github.pgqfleet.fixture.TestDatabase;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * What happens to a whole source server under a running mover: its files are restored from a
 * backup, so that transaction ids and ticks come again; it crashes, while its applications and its
 * ticker commit asynchronously.
 */
@ExtendWith(PgqServerExtension.class)
class SourceServerIT {

  private PrivateCluster cluster;
  private TestDatabase source;
  private TestDatabase other;
  private TestDatabase destination;
  private TestFleet fleet;
  private RunningMover mover;

  @BeforeEach
  void moveOneEvent(PgqServer server, @TempDir Path directory) throws Exception {
    cluster =
        PrivateCluster.builder()
            .setting("synchronous_commit", "off")
            .setting("wal_writer_delay", "10s")
            .start();
    source = cluster.createPgqDatabase("app");
    other = server.newDatabase();
    destination = server.newDatabase();
    fleet = new TestFleet(directory, destination, source, other);
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
    cluster.close();
  }

  @Test
  void aRestoredServerIsNoticedAndRewoundToWhatTheBackupHadFinished() throws Exception {
    source.insertEvent(QUEUE, "t", "b");
    cluster.stop();
    var backup = cluster.directory().resolve("backup");
    copy(data(), backup);
    cluster.start();
    source.tick(QUEUE);
    fleet.awaitDrained(source);
    write(source, "c");
    fleet.awaitDrained(source);
    cluster.stop();
    copy(backup, data());
    cluster.start();
    write(source, "d");

    LostPosition.assertStopsOnly(source, other, fleet, mover, destination, this::write);
    new Operator(fleet).moves(3, 1, "rewind", fleet.queueId(source));
    write(source, "later");
    fleet.awaitDrained(source);
    mover.await("health", () -> mover.health().isEmpty());
    assertThat(delivered(destination))
        .containsExactly("a", "b", "c", "o", "b", "d", "written then", "later");
  }

  @Test
  void aCrashThatLosesAsynchronousCommitsLosesNothingThatWasDelivered() {
    var written = 1;
    for (int round = 0; round < 6; round++) {
      write(source, "ticked " + round);
      if (round % 2 == 0) {
        fleet.awaitDrained(source);
      }
      source.insertEvent(QUEUE, "t", "unticked " + round);
      written += 2;
      cluster.restartImmediate();
    }
    fleet.awaitDrained(source);
    mover.await("health", () -> mover.health().isEmpty());

    var survived = source.strings("select ev_data from pgq.event_template order by ev_id");
    assertThat(survived).hasSizeLessThan(written);
    assertThat(delivered(destination)).isEqualTo(survived);
    assertThat(mover.errors()).noneMatch(e -> e.contains("position_lost"));
  }

  private Path data() {
    return cluster.directory().resolve("data");
  }

  /** Replaces a directory by a copy that belongs to the same user. */
  private static void copy(Path from, Path to) throws Exception {
    for (var command :
        new String[][] {
          {"rm", "-rf", to.toString()}, {"cp", "-a", from.toString(), to.toString()}
        }) {
      assertThat(new ProcessBuilder(command).inheritIO().start().waitFor()).isZero();
    }
  }

  private void write(TestDatabase database, String data) {
    database.insertEvent(QUEUE, "t", data);
    database.tick(QUEUE);
  }
}
