package io.github.pgqfleet.mover;

import static io.github.pgqfleet.mover.TestFleet.QUEUE;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgqfleet.fixture.Await;
import io.github.pgqfleet.fixture.FleetProcess;
import io.github.pgqfleet.fixture.PgqServer;
import io.github.pgqfleet.fixture.PgqServerExtension;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** What an outage leaves: one batch of millions of events. */
@ExtendWith(PgqServerExtension.class)
class LargeBatchIT {

  private static final int EVENTS = 5_000_000;
  private static final String CONTENT =
      "select count(*) || ' ' || sum(hashtext(ev_data)::int8) from pgq.event_template";

  @Test
  void movesABatchOfFiveMillionEventsInASmallHeap(PgqServer server, @TempDir Path directory)
      throws Exception {
    var source = server.newDatabase();
    var destination = server.newDatabase();
    var fleet = new TestFleet(directory, destination, source);
    try (var _ =
        FleetProcess.ofModule("mover")
            .jvmOptions("-Xmx64m", "-XX:+ExitOnOutOfMemoryError")
            .arguments("run", "--config", fleet.configFile().toString())
            .start()) {
      fleet.awaitPosition(source);
      // As pgq.insert_event would, but faster.
      source.execute(
          """
          insert into %s (ev_time, ev_type, ev_data)
          select now(), 't', 'event ' || n from generate_series(1, %d) n"""
              .formatted(source.string("select pgq.current_event_table('orders')"), EVENTS));
      var tick = source.tick(QUEUE);
      Await.until(
          "the batch to be delivered",
          Duration.ofMinutes(5),
          () -> fleet.position(source).equals("active " + tick));
    }
    assertThat(destination.string(CONTENT))
        .startsWith(EVENTS + " ")
        .isEqualTo(source.string(CONTENT));
  }
}
