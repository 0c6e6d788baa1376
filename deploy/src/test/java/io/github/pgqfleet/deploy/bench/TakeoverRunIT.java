package io.github.pgqfleet.deploy.bench;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.pgqfleet.deploy.bench.MoverTakeover.Loss;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A takeover or a recovery with an event too many must not get a figure. */
class TakeoverRunIT {
  private static final Backlog.Size SIZE = new Backlog.Size(1, 0, 1, 20);
  private static final Duration SHORT = Duration.ofMillis(500);
  private static final List<String> QUEUES = List.of(Testbed.LOADED);

  private static Testbed testbed;
  private static SteadyLoad writing;

  @TempDir Path temporary;

  @BeforeAll
  static void makesTheDatabases() throws Exception {
    testbed = Testbed.create(Purpose.MOVERS, 1, 2);
    writing = new SteadyLoad(new Moved(testbed.sources(), QUEUES), SIZE);
  }

  @AfterAll
  static void removesThem() {
    testbed.close();
  }

  /** What a run does itself, but not one that fails. */
  @AfterEach
  void unregistersTheMover() throws Exception {
    testbed.each(
        "unregister the mover",
        "select pgq.unregister_consumer(queue_name, consumer_name) from pgq.get_consumer_info()"
            + " where consumer_name = 'pgq_fleet'");
  }

  @Test
  void refusesAMoverAfterAnotherHasFrozen() {
    var one = new MoverTakeover(testbed, writing, Duration.ofSeconds(2), new Narrator(System.err));
    refuses(() -> one.of(moverWithAStrayEvent(), Loss.FROZEN));
  }

  @Test
  void refusesAMoverAfterAnOutage() {
    var one = new Recovery(testbed, writing, new Outage(testbed, SHORT), SHORT);
    refuses(() -> one.of(moverWithAStrayEvent()));
  }

  @Test
  void refusesAWorkerAfterTheDeathOfAnother() throws Exception {
    Ground.prepare(testbed, QUEUES);
    Stage stage = Stage.write(testbed, "test", 2, new Backlog.Size(3, 1, 1, 20));
    var one = new WorkerTakeover(testbed, SHORT, Duration.ZERO);
    refuses(
        () ->
            one.of(
                workersWithAStrayEvent(WorkerTakeover.VICTIM),
                workersWithAStrayEvent(WorkerTakeover.HEIR),
                stage));
  }

  /** It may stand in for one that is still under way. */
  private static void refuses(ThrowingCallable run) {
    assertThatThrownBy(run)
        .isInstanceOf(BenchFailure.class)
        .hasMessageMatching("ours delivered \\d+ .*events of queue orders.*");
  }

  private Mover moverWithAStrayEvent() {
    var ours =
        new OurMover(testbed, writing.moved(), List.of("-Xmx64m"), "heartbeat = 500ms", temporary);
    return new Mover() {
      @Override
      public String name() {
        return ours.name();
      }

      @Override
      public String consumer(Source source, String queue) {
        return ours.consumer(source, queue);
      }

      @Override
      public void provision() throws SQLException, InterruptedException {
        ours.provision();
        stray("select pgq.insert_event('orders', 'load', 'stray')");
      }

      @Override
      public Running start() {
        return ours.start();
      }
    };
  }

  private Workers workersWithAStrayEvent(String instance) {
    var ours =
        new OurWorkers(
            testbed,
            QUEUES,
            1,
            _ -> Handling.waiting(Duration.ofSeconds(1)),
            new JarOptions(
                List.of("-Xmx64m"),
                "instance = %s, dead-interval = 2s, heartbeat-interval = 300ms"
                    .formatted(instance)),
            BenchDirectory.create());
    return new Workers() {
      @Override
      public String name() {
        return ours.name();
      }

      @Override
      public void provision() throws SQLException {
        stray("insert into app.handled (queue, ev_time) values ('orders', now())");
      }

      @Override
      public Running start() {
        return ours.start();
      }

      @Override
      public long present(Connection destination) throws SQLException {
        return ours.present(destination);
      }
    };
  }

  private static void stray(String sql) throws SQLException {
    try (Connection connection = testbed.destination().connect()) {
      Sql.execute(connection, sql);
    }
  }
}
