package io.github.pgqfleet.deploy.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A fast mover that is wrong must not get a figure. */
class BacklogRunIT {
  private static final Backlog.Size SIZE = new Backlog.Size(3, 1, 10, 20);

  private static Testbed testbed;
  private static Moved moved;
  private static BacklogRun run;

  @TempDir Path temporary;

  @BeforeAll
  static void writesABacklog() throws Exception {
    testbed = Testbed.create(Purpose.MOVERS, 1, 1);
    moved = new Moved(testbed.sources(), List.of(Testbed.LOADED));
    run = new BacklogRun(testbed, moved, Backlog.write(moved, SIZE), Duration.ZERO);
  }

  @AfterAll
  static void removesIt() {
    testbed.close();
  }

  @Test
  void measuresOneThatIsRightAgainAndAgain() throws Exception {
    var pipe = new PsqlPipe(testbed, moved, SIZE, temporary);
    for (int again = 0; again < 2; again++) {
      assertThat(run.of(pipe)).containsEntry("destination_commits", 2.0);
    }
  }

  @Test
  void refusesOneThatDeliversAnEventTwice() {
    assertThatThrownBy(() -> run.of(wrong("select now(), 'load', 'x' from generate_series(1, 31)")))
        .isInstanceOf(BenchFailure.class)
        .hasMessage("wrong delivered 31 of the 30 events of queue orders");
  }

  @Test
  void refusesOneThatDeliversOtherEvents() {
    assertThatThrownBy(() -> run.of(wrong("select now(), 'load', 'x' from generate_series(1, 30)")))
        .isInstanceOf(BenchFailure.class)
        .hasMessageStartingWith("wrong delivered 30 events of queue orders, but other ones");
  }

  @Test
  void saysWithItsLogThatOurMoverHasFailed() {
    var ours = new OurMover(testbed, moved, List.of("-Xmx64m"), "no-such-key = 1", temporary);
    assertThatThrownBy(() -> run.of(ours))
        .isInstanceOf(BenchFailure.class)
        .hasMessageContaining("mover provision failed with 2")
        .hasMessageContaining("no-such-key");
  }

  /** Fills the destination's queue with the rows of a query. */
  private Mover wrong(String rows) {
    return new Mover() {
      @Override
      public String name() {
        return "wrong";
      }

      @Override
      public String consumer(Source source, String queue) {
        return "wrong";
      }

      @Override
      public void provision() throws InterruptedException {
        moved.register(this);
      }

      @Override
      public Running start() {
        var destination = testbed.destination();
        return new Running(
            List.of(
                Child.start(
                    "wrong",
                    List.of(
                        "bash",
                        "-c",
                        "psql -X \"$1\" -c \"$2\" && exec sleep infinity",
                        "bash",
                        "postgresql://postgres@%s:%d/%s"
                            .formatted(
                                destination.cluster().host(),
                                destination.cluster().port(),
                                destination.name()),
                        "insert into pgq.event_1_0 (ev_time, ev_type, ev_data) " + rows),
                    temporary.resolve("wrong.log"))));
      }
    };
  }
}
