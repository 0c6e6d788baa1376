package io.github.pgqfleet.mover;

import static io.github.pgqfleet.mover.Operator.delivered;
import static io.github.pgqfleet.mover.TestFleet.PATIENCE;
import static io.github.pgqfleet.mover.TestFleet.QUEUE;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgqfleet.fixture.FleetProcess;
import io.github.pgqfleet.fixture.PgqServer;
import io.github.pgqfleet.fixture.PgqServerExtension;
import io.github.pgqfleet.fixture.TestDatabase;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** {@code mover rewind} and {@code mover skip} as an operator uses and misuses them. */
@ExtendWith(PgqServerExtension.class)
class WayOutCommandIT {

  private TestDatabase source;
  private TestDatabase destination;
  private TestFleet fleet;
  private Operator operator;
  private String queue;
  private RunningMover mover;
  private long afterA;

  @BeforeEach
  void moveThreeEvents(PgqServer server, @TempDir Path directory) throws Exception {
    source = server.newDatabase();
    destination = server.newDatabase();
    fleet = new TestFleet(directory, destination, source);
    operator = new Operator(fleet);
    queue = fleet.queueId(source);
    mover = RunningMover.of(fleet);
    fleet.awaitPosition(source);
    afterA = write("a");
    write("b");
    write("c");
    fleet.awaitDrained(source);
  }

  @AfterEach
  void stop() {
    mover.close();
  }

  @Test
  void rewindsToATickOfAQueueThatIsNotLost() {
    assertThat(operator.run("rewind", "--dry-run", "--to", Long.toString(afterA), queue).output())
        .containsPattern(
            queue + ": rewind to tick " + afterA + "@\\S+, events=2 delivered_before=2 written=")
        .contains("queues=1 lost=0 moved=0 events=2 delivered_before=2 failed=0 (dry run");
    assertThat(operator.run("rewind", "--yes", "--to", Long.toString(afterA), queue))
        .satisfies(
            answer -> {
              assertThat(answer.exitCode()).isZero();
              assertThat(answer.output())
                  .containsPattern(queue + ": is at tick " + afterA + "@\\S+ now")
                  .contains("moved=1 events=2 delivered_before=2");
            });
    fleet.awaitDrained(source);
    assertThat(mover.health()).isEmpty();
    assertThat(delivered(destination)).containsExactly("a", "b", "c", "b", "c");
  }

  @Test
  void rewindsToATimeWithTheTickAtItOrBefore() {
    var b =
        source.string(
            "select to_char(ev_time at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.USZ')"
                + " from pgq.event_template where ev_data = 'b'");
    assertThat(operator.run("rewind", "--yes", "--to", b, queue.split("/", 2)[0]).output())
        .contains("moved=1 events=2 delivered_before=2 failed=0");
    fleet.awaitDrained(source);
    assertThat(delivered(destination)).containsExactly("a", "b", "c", "b", "c");
  }

  @Test
  void countsEventsOfTransactionsThatStraddleATickWhereTheyBelong() throws Exception {
    mover.close();
    try (var straddler = source.connect();
        var statement = straddler.createStatement()) {
      straddler.setAutoCommit(false);
      statement.execute("select pgq.insert_event('orders', 't', 'straddles')");
      var middle = write("d");
      straddler.commit();
      var end = write("e");
      assertThat(operator.run("skip", "--dry-run", "--to", Long.toString(middle), queue).output())
          .contains("events=1 delivered_before=0");
      assertThat(operator.run("skip", "--dry-run", "--to", Long.toString(end), queue).output())
          .contains("events=3 delivered_before=0");
      assertThat(operator.run("rewind", "--dry-run", "--to", Long.toString(afterA), queue).output())
          .contains("events=5 delivered_before=2");
    }
  }

  @Test
  void refusesToGoTheOtherWayOrWhereTheSourceHasNoTick() {
    var end = source.tick(QUEUE);
    mover.await("tick " + end, () -> fleet.position(source).equals("active " + end));
    for (var wrong :
        new String[][] {
          {"skip", Long.toString(afterA), "is not forward but back of tick"},
          {"rewind", "99", "the source has no tick for tick 99; its oldest is 1@"},
          {"rewind", "2001-01-01T00:00:00Z", "has no tick for 2001-01-01T00:00:00Z; its oldest"},
          {"skip", "2999-01-01T00:00:00+01:00", "has no tick for 2998-12-31T23:00:00Z; its"},
        }) {
      assertThat(operator.run(wrong[0], "--yes", "--to", wrong[1], queue))
          .satisfies(
              answer -> {
                assertThat(answer.output()).contains(queue + ": ", wrong[2], "moved=0", "failed=1");
                assertThat(answer.exitCode()).isEqualTo(1);
              });
    }
    assertThat(fleet.position(source)).isEqualTo("active " + end);
  }

  @Test
  void refusesWrongUseWithCodeTwo() {
    for (var wrong :
        new String[][] {
          {"\"s9\": no server of that name", "rewind", "--dry-run", "s9"},
          {"\"s0/none\": no database of that name", "rewind", "--dry-run", "s0/none"},
          {
            "no queue of that name in the configuration; it has [orders]",
            "skip",
            "--dry-run",
            "s0/" + source.name() + "/ordres"
          },
          {"a tick's id means something in one queue only", "skip", "--dry-run", "--to", "7", "s0"},
          {
            "\"noon\" is neither a tick's id nor a time with its offset",
            "skip",
            "--dry-run",
            "--to",
            "noon",
            queue
          },
          {"Missing required parameter: 'NAME'", "rewind", "--dry-run"},
        }) {
      var arguments = java.util.Arrays.copyOfRange(wrong, 1, wrong.length);
      assertThat(operator.run(arguments))
          .satisfies(
              answer -> {
                assertThat(answer.output()).contains(wrong[0]);
                assertThat(answer.exitCode()).isEqualTo(2);
              });
    }
  }

  @Test
  void needsYesWhereThereIsNoTerminal() {
    try (var rewind =
        FleetProcess.ofModule("mover")
            .arguments("rewind", queue, "--config", fleet.configFile().toString())
            .start()) {
      assertThat(rewind.exitCode(PATIENCE)).isEqualTo(2);
      assertThat(rewind.output()).contains("there is no terminal to ask on; give --yes");
    }
  }

  @Test
  void namesTheQueueWhoseEventsCannotBeCountedInTimeAndMovesItAllTheSame() throws Exception {
    var impatient = new Operator(fleet, "batch-timeout = 1s");
    try (var lock = source.connect();
        var statement = lock.createStatement()) {
      lock.setAutoCommit(false);
      statement.execute("lock table pgq.event_template in access exclusive mode");
      assertThat(impatient.run("rewind", "--dry-run", "--to", Long.toString(afterA), queue))
          .satisfies(
              answer -> {
                assertThat(answer.output())
                    .containsPattern(
                        queue + ": rewind to tick .* could not be counted: ERROR: .*timeout")
                    .contains("moved=0 events=0 delivered_before=0 failed=1");
                assertThat(answer.exitCode()).isEqualTo(1);
              });
      assertThat(impatient.run("rewind", "--yes", "--to", Long.toString(afterA), queue))
          .satisfies(
              answer -> {
                assertThat(answer.output())
                    .containsPattern(
                        queue + ": rewind to tick .* could not be counted: ERROR: .*timeout")
                    .contains("moved=1 events=0 delivered_before=0 failed=0");
                assertThat(answer.exitCode()).isZero();
              });
      lock.rollback();
    }
    fleet.awaitDrained(source);
    assertThat(delivered(destination)).containsExactly("a", "b", "c", "b", "c");
  }

  @Test
  void namesWhatIsNotThere() {
    mover.close();
    source.execute("select pgq.drop_queue('orders', true)");
    fleet.addSource(source.named("nowhere_" + source.name()));
    assertThat(operator.run("skip", "--dry-run", "s0", "s1"))
        .satisfies(
            answer -> {
              assertThat(answer.output())
                  .contains(queue + ": the source has no such queue; run `ticker provision`")
                  .contains("cannot connect to s1/nowhere_", "failed=2");
              assertThat(answer.exitCode()).isEqualTo(1);
            });
  }

  private long write(String data) {
    source.insertEvent(QUEUE, "t", data);
    return source.tick(QUEUE);
  }
}
