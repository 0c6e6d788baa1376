package io.github.pgqfleet.worker;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgqfleet.fixture.Await;
import io.github.pgqfleet.fixture.OnEachServer;
import io.github.pgqfleet.fixture.PgqServerExtension;
import io.github.pgqfleet.fixture.TestDatabase;
import io.github.pgqfleet.sql.SqlScript;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Two workers after one batch, on our {@code pgq_coop} and on one that is as weak as the published
 * one: exactly one commits.
 */
@ExtendWith(PgqServerExtension.class)
@OnEachServer
class CoopRaceIT {

  private static final String OURS = "pgq_coop.sql";
  private static final String LOOK_ALIKE = "pgq_coop_lookalike.sql";
  private static final String IMPATIENT =
      "poll-interval = 50ms, dead-interval = 200ms, heartbeat-interval = 50ms, ";
  private static final String PATIENT =
      "poll-interval = 50ms, dead-interval = 1h, heartbeat-interval = 10m, ";

  private final TestDatabase database;
  private final WorkerFleet fleet;

  CoopRaceIT(TestDatabase database, @TempDir Path directory) {
    this.database = database;
    this.fleet = new WorkerFleet(database, directory);
  }

  @BeforeEach
  void resetsHandlers() {
    TestHandlers.reset();
  }

  @AfterEach
  void stopsWorkers() throws InterruptedException {
    TestHandlers.release.countDown();
    fleet.stopAll();
  }

  @ParameterizedTest
  @ValueSource(strings = {OURS, LOOK_ALIKE})
  void theOtherFindsNothingWhenTheFirstIsAboutToCommit(String implementation) throws Exception {
    database.execute(SqlScript.load(CoopRaceIT.class, implementation));
    database.execute(
        """
        create function pause() returns trigger language plpgsql as $$
        begin perform pg_advisory_xact_lock(42); return new; end $$;
        create constraint trigger pause after insert on handled deferrable initially deferred
        for each row execute function pause()\
        """);
    try (var stopper = new Stopper(database).hold("select pg_advisory_xact_lock(42)")) {
      start("first", PATIENT, "record");
      fleet.tickWith(1, 3);
      stopper.awaitStopped();
      start("second", IMPATIENT, "record");
      Await.until(
          "the second to wait for the first's commit",
          WorkerFleet.SOON,
          () ->
              database.number(
                      "select count(*) from pg_stat_activity where wait_event_type = 'Lock'"
                          + " and query like '%pgq_coop.%'")
                  > 0);

      stopper.release();
      fleet.awaitDrained();
    }

    assertThat(fleet.handled()).containsExactly("1", "2", "3");
    assertThat(database.strings("select distinct subconsumer from handled"))
        .containsExactly("first_1");
  }

  @ParameterizedTest
  @ValueSource(strings = {OURS, LOOK_ALIKE})
  void theFirstCannotCommitWhatTheOtherHasTakenOver(String implementation) throws Exception {
    database.execute(SqlScript.load(CoopRaceIT.class, implementation));
    start("first", PATIENT, "wait");
    fleet.tickWith(1, 3);
    TestHandlers.entered.await();
    start("second", IMPATIENT, "record");
    fleet.awaitHandled(3);

    TestHandlers.release.countDown();
    fleet.tickWith(4, 4);
    fleet.tickWith(5, 5);
    fleet.awaitDrained();

    assertThat(fleet.handled()).containsExactly("1", "2", "3", "4", "5");
  }

  @ParameterizedTest
  @ValueSource(strings = {OURS, LOOK_ALIKE})
  void manyWorkersThatSuspectEachOtherHandleEachEventOnce(String implementation) throws Exception {
    database.execute(SqlScript.load(CoopRaceIT.class, implementation));
    start("first", "workers", "dead-interval = 100ms, heartbeat-interval = 50ms, ", 4);
    start("second", "workers", "dead-interval = 100ms, heartbeat-interval = 50ms, ", 4);
    for (int i = 0; i < 60; i++) {
      fleet.tickWith(i * 5 + 1, i * 5 + 5);
    }
    fleet.awaitDrained();

    assertThat(fleet.handled()).containsExactlyElementsOf(WorkerFleet.numbers(1, 300));
  }

  private void start(String instance, String timing, String mode) throws IOException {
    fleet.start(
        "instance = %s, %s queues { orders { handler { type = java, name = test, settings { mode = %s } } } }"
            .formatted(instance, timing, mode));
  }

  private void start(String instance, String consumer, String timing, int workers)
      throws IOException {
    fleet.start(
        "instance = %s, consumer = %s, poll-interval = 20ms, %s queues { orders { workers = %d, handler { type = java, name = test } } }"
            .formatted(instance, consumer, timing, workers));
  }
}
