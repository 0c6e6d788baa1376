package io.github.pgqfleet.mover;

import static io.github.pgqfleet.mover.TestFleet.PATIENCE;
import static io.github.pgqfleet.mover.TestFleet.QUEUE;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgqfleet.fixture.Await;
import io.github.pgqfleet.fixture.OnEachServer;
import io.github.pgqfleet.fixture.PgqServer;
import io.github.pgqfleet.fixture.PgqServerExtension;
import io.github.pgqfleet.fixture.TestDatabase;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** What is wrong in one place stops what depends on it, and nothing else; and for no longer. */
@ExtendWith(PgqServerExtension.class)
@OnEachServer
class IsolationIT {

  private static final String PAYMENTS = "payments";

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
    fleet.addQueue(PAYMENTS);
  }

  @Test
  void aDestinationQueueThatRefuses() throws Exception {
    try (var mover = running()) {
      destination.execute(
          "update pgq.queue set queue_disable_insert = true where queue_name = ?", PAYMENTS);
      writeAll();
      assertThat(fleet.awaitArrival(QUEUE, 2)).containsExactlyInAnyOrder(of(source), of(other));
      mover.await("both to say so", () -> mover.health().lines().count() == 2);
      assertThat(mover.health().lines()).allMatch(l -> l.contains("Writing to queue disabled"));
      assertThat(fleet.arrived(PAYMENTS)).isEmpty();

      destination.execute("update pgq.queue set queue_disable_insert = false");
      assertThat(fleet.awaitArrival(PAYMENTS, 2)).containsExactlyInAnyOrder(of(source), of(other));
      mover.await("health", () -> mover.health().isEmpty());
    }
  }

  @Test
  void aSourceWithoutPrivileges() throws Exception {
    var role = source.name() + "_reader";
    source.execute("create role %s login password '%s'".formatted(role, source.password()));
    source.execute("grant pgq_reader to " + role);
    fleet.connectAs(role, destination.user());
    try (var mover = running()) {
      source.execute("revoke execute on all functions in schema pgq from pgq_reader, public");
      writeAll();
      for (var queue : List.of(QUEUE, PAYMENTS)) {
        assertThat(fleet.awaitArrival(queue, 1)).containsExactly(of(other));
      }
      mover.await("it to say so", () -> mover.health().contains("permission denied for function"));

      source.execute("grant execute on all functions in schema pgq to pgq_reader");
      for (var queue : List.of(QUEUE, PAYMENTS)) {
        assertThat(fleet.awaitArrival(queue, 1)).containsExactly(of(source));
      }
      mover.await("health", () -> mover.health().isEmpty());
    } finally {
      source.execute("drop role " + role);
    }
  }

  @Test
  void aDatabaseThatIsDropped() throws Exception {
    var away = source.name() + "_away";
    try (var mover = running()) {
      // As good as dropped, and can come back.
      other.execute("alter database %s allow_connections false".formatted(source.name()));
      other.execute(
          "select pg_terminate_backend(pid) from pg_stat_activity where datname = ?",
          source.name());
      other.execute("alter database %s rename to %s".formatted(source.name(), away));
      write(other);
      for (var queue : List.of(QUEUE, PAYMENTS)) {
        assertThat(fleet.awaitArrival(queue, 1)).containsExactly(of(other));
      }
      mover.await("it to be named", () -> mover.health().contains("\"" + source.name() + "\""));

      other.execute("alter database %s rename to %s".formatted(away, source.name()));
      other.execute("alter database %s allow_connections true".formatted(source.name()));
      write(source);
      for (var queue : List.of(QUEUE, PAYMENTS)) {
        assertThat(fleet.awaitArrival(queue, 1)).containsExactly(of(source));
      }
      mover.await("health", () -> mover.health().isEmpty());
    }
  }

  /** A mover that has registered everywhere. */
  private RunningMover running() throws Exception {
    var mover = RunningMover.of(fleet);
    for (var database : List.of(source, other)) {
      Await.until(
          "registration of " + database.name(),
          PATIENCE,
          () -> database.number("select count(*) from pgq.subscription") == 2);
    }
    return mover;
  }

  private void writeAll() {
    write(source);
    write(other);
  }

  private static void write(TestDatabase database) {
    for (var queue : List.of(QUEUE, PAYMENTS)) {
      database.insertEvent(queue, "t", of(database));
      database.tick(queue);
    }
  }

  private static String of(TestDatabase database) {
    return "of " + database.name();
  }
}
