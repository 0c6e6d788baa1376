package io.github.pgqfleet.worker;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgqfleet.fixture.OnEachServer;
import io.github.pgqfleet.fixture.PgqServerExtension;
import io.github.pgqfleet.fixture.TestDatabase;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Events that fail among others, with each kind of handler. */
@ExtendWith(PgqServerExtension.class)
@OnEachServer
class FailingEventsIT {

  private final TestDatabase database;
  private final WorkerFleet fleet;
  private final FailingEvents events;

  FailingEventsIT(TestDatabase database, @TempDir Path directory) {
    this.database = database;
    this.fleet = new WorkerFleet(database, directory);
    this.events = new FailingEvents(database);
  }

  @AfterEach
  void stopsWorkers() throws InterruptedException {
    fleet.stopAll();
  }

  @ParameterizedTest
  @ValueSource(strings = {"event", "send", "batch", "sql"})
  void oneFailingEventAmongAThousandCostsTheOthersNothing(String kind) throws Exception {
    fleet.start(FailingEvents.worker(kind, "attempts = 5"));
    events.insert("records", 1, 499);
    events.insert("fails", 500, 500);
    events.insert("records", 501, 1000);

    database.tick("orders");
    fleet.awaitDrained();

    var others = WorkerFleet.numbers(1, 1000);
    others = others.stream().filter(n -> !n.equals("500")).toList();
    assertThat(fleet.handled()).containsExactlyElementsOf(others);
    assertThat(events.waiting()).containsExactly("500 1");
    assertThat(events.dead()).isEmpty();
    assertThat(events.batchesFinished()).isOne();
  }

  @ParameterizedTest
  @ValueSource(strings = {"event", "send", "batch", "sql"})
  void comesAgainLaterEachTimeAndIsADeadLetterAfterItsLastAttempt(String kind) throws Exception {
    fleet.start(FailingEvents.worker(kind, "attempts = 3, first-delay = 40s"));
    events.insert("fails", 1, 2);

    database.tick("orders");
    fleet.awaitDrained();
    assertThat(events.waiting()).containsExactly("1 1", "2 1");
    assertThat(events.delaysBetween(20, 40)).isTrue();
    events.retry();
    fleet.awaitDrained();
    assertThat(events.waiting()).containsExactly("1 2", "2 2");
    assertThat(events.delaysBetween(40, 80)).isTrue();
    events.retry();
    fleet.awaitDrained();

    assertThat(events.waiting()).isEmpty();
    assertThat(fleet.handled()).isEmpty();
    assertThat(events.dead()).containsExactly("1 3 told to fail 1", "2 3 told to fail 2");
    assertThat(database.strings("select distinct consumer_name from pgq_fleet.dead_letter"))
        .containsExactly("workers");
  }

  @ParameterizedTest
  @ValueSource(strings = {"event", "send", "batch", "sql"})
  void handlesOnceWhatSucceedsAtALaterAttempt(String kind) throws Exception {
    fleet.start(FailingEvents.worker(kind, "attempts = 3"));
    events.insert("records", 1, 3);
    events.insert("fails-twice", 4, 6);
    events.insert("records", 7, 9);

    database.tick("orders");
    fleet.awaitDrained();
    assertThat(fleet.handled()).containsExactly("1", "2", "3", "7", "8", "9");
    events.retry();
    fleet.awaitDrained();
    events.retry();
    fleet.awaitDrained();

    assertThat(fleet.handled()).containsExactlyElementsOf(WorkerFleet.numbers(1, 9));
    assertThat(events.waiting()).isEmpty();
    assertThat(events.dead()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"event", "send", "batch", "sql"})
  void findsTheEventThatViolatesADeferredConstraint(String kind) throws Exception {
    database.execute("alter table handled add unique (data) deferrable initially deferred");
    fleet.start(FailingEvents.worker(kind, "attempts = 1"));
    events.insert("records", 1, 9);
    events.insert("records", 5, 5);
    events.insert("records", 10, 20);

    database.tick("orders");
    fleet.awaitDrained();

    assertThat(database.strings("select data from handled order by ev_id"))
        .containsExactlyElementsOf(WorkerFleet.numbers(1, 20));
    assertThat(database.strings("select ev_id || ' ' || ev_data from pgq_fleet.dead_letter"))
        .containsExactly("10 5");
  }

  @Test
  void leavesDeferredConstraintsDeferredForTheEventsThatFollow() throws Exception {
    database.execute(
        """
        create table parent (id int primary key);
        create table child (id int references parent deferrable initially deferred);
        create table twin (id int unique deferrable initially immediate)\
        """);
    fleet.start(FailingEvents.worker("event", "attempts = 1"));
    events.insert("fails", 1, 1);
    events.insert("child-first", 2, 4);
    events.insert("fails", 5, 5);
    events.insert("child-first", 6, 8);

    database.tick("orders");
    fleet.awaitDrained();

    assertThat(database.strings("select id from child order by id"))
        .containsExactly("2", "3", "4", "6", "7", "8");
    assertThat(events.dead()).containsExactly("1 1 told to fail 1", "5 1 told to fail 5");
  }

  @ParameterizedTest
  @ValueSource(strings = {"event", "send", "batch", "sql"})
  void runsTheBatchAgainAfterASerializationFailureAndBlamesNoEvent(String kind) throws Exception {
    fleet.start(FailingEvents.worker(kind, "attempts = 1"));
    events.insert("records", 1, 3);
    events.insert("conflicts", 4, 4);
    events.insert("records", 5, 6);

    database.tick("orders");
    fleet.awaitDrained();

    assertThat(fleet.handled()).containsExactlyElementsOf(WorkerFleet.numbers(1, 6));
    assertThat(events.waiting()).isEmpty();
    assertThat(events.dead()).isEmpty();
    assertThat(kind.equals("sql") ? 0 : FailingHandlers.CONFLICTS.get()).isNotPositive();
  }

  @ParameterizedTest
  @ValueSource(strings = {"event", "send", "batch", "sql"})
  void buriesAtOnceWhatTheHandlerCallsDead(String kind) throws Exception {
    fleet.start(FailingEvents.worker(kind, "attempts = 5"));
    events.insert("records", 1, 3);
    events.insert("is-dead", 4, 4);
    events.insert("records", 5, 6);

    database.tick("orders");
    fleet.awaitDrained();

    assertThat(fleet.handled()).containsExactly("1", "2", "3", "5", "6");
    assertThat(events.waiting()).isEmpty();
    assertThat(database.strings("select ev_data || ' ' || attempts from pgq_fleet.dead_letter"))
        .containsExactly("4 1");
  }

  @ParameterizedTest
  @ValueSource(strings = {"event", "send", "batch"})
  void findsTheEventWhoseHandlerHasSwallowedAnErrorOfTheDatabase(String kind) throws Exception {
    fleet.start(FailingEvents.worker(kind, "attempts = 1"));
    events.insert("records", 1, 3);
    events.insert("swallows", 4, 4);
    events.insert("records", 5, 6);

    database.tick("orders");
    fleet.awaitDrained();

    assertThat(fleet.handled()).containsExactly("1", "2", "3", "5", "6");
    assertThat(database.strings("select ev_data from pgq_fleet.dead_letter")).containsExactly("4");
  }

  @ParameterizedTest
  @ValueSource(strings = {"event", "send", "batch", "sql"})
  void findsTheEventThatFailsInTheDatabase(String kind) throws Exception {
    fleet.start(FailingEvents.worker(kind, "attempts = 1"));
    events.insert("records", 1, 699);
    database.insertEvent("orders", "no-number", "none");
    events.insert("records", 701, 1200);

    database.tick("orders");
    fleet.awaitDrained();

    var others = WorkerFleet.numbers(1, 1200);
    others = others.stream().filter(n -> !n.equals("700")).toList();
    assertThat(fleet.handled()).containsExactlyElementsOf(others);
    assertThat(events.dead())
        .containsExactly("none 1 invalid input syntax for type integer: \"none\"");
  }
}
