package io.github.pgqfleet.ticker;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgqfleet.fixture.FleetProcess;
import io.github.pgqfleet.fixture.NotifyReceiver;
import io.github.pgqfleet.fixture.OnEachServer;
import io.github.pgqfleet.fixture.PgqServerExtension;
import io.github.pgqfleet.fixture.TestDatabase;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** What {@code ticker.jar} tells systemd. */
@ExtendWith(PgqServerExtension.class)
@OnEachServer
class TickerNotifyIT {

  private static final String BEAT = "WATCHDOG=1";

  @Test
  void tellsSystemdOfItsStartItsBeatsItsReloadAndItsEnd(
      TestDatabase database, @TempDir Path directory) throws Exception {
    database.createQueue("orders");
    try (var systemd = NotifyReceiver.bind(directory.resolve("notify").toString(), directory);
        var ticker =
            FleetProcess.ofModule("ticker")
                .arguments(
                    "run", "--config", new TestFleet(directory, database).configFile().toString())
                .environment("NOTIFY_SOCKET", systemd.address())
                .environment("WATCHDOG_USEC", "300000")
                .start()) {
      systemd.await("three beats", lines -> Collections.frequency(lines, BEAT) >= 3);
      ticker.reload();
      systemd.await("the reload", lines -> Collections.frequency(lines, "READY=1") == 2);
      ticker.terminate();
      assertThat(ticker.exitCode(TestFleet.PATIENCE)).isZero();

      assertThat(withoutBeats(systemd.await("the stop", lines -> lines.contains("STOPPING=1"))))
          .satisfiesExactly(
              line -> assertThat(line).isEqualTo("READY=1"),
              line -> assertThat(line).matches("RELOADING=1 MONOTONIC_USEC=\\d+"),
              line -> assertThat(line).isEqualTo("READY=1"),
              line -> assertThat(line).isEqualTo("STOPPING=1"));
    }
  }

  private static List<String> withoutBeats(List<String> lines) {
    return lines.stream().filter(line -> !line.equals(BEAT)).toList();
  }
}
