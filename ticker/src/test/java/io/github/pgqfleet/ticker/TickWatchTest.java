package io.github.pgqfleet.ticker;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgqfleet.lifecycle.Health;
import io.github.pgqfleet.metrics.FleetMetrics;
import io.github.pgqfleet.sql.ConnectionSettings;
import io.github.pgqfleet.sql.Database;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class TickWatchTest {

  private static final ConnectionSettings SETTINGS =
      new ConnectionSettings(
          "h",
          1,
          "u",
          Optional.empty(),
          Optional.empty(),
          "disable",
          Duration.ZERO,
          Duration.ZERO,
          Duration.ZERO,
          Duration.ZERO);

  private Instant now = Instant.EPOCH;
  private final Health health = new Health(() -> now);
  private final FleetStates states = new FleetStates(_ -> Duration.ofSeconds(1), () -> now);
  private final TickWatch watch =
      new TickWatch(states, health, new TickerMetrics(new FleetMetrics()), () -> now);

  @Test
  void namesADatabaseThatIsNotTickedUntilItIs() {
    var silent = states.add(new Database("db01", "silent", SETTINGS));
    var ticked = states.add(new Database("db01", "ticked", SETTINGS));
    now = now.plusSeconds(11);
    ticked.looked(1);
    watch.look();
    assertThat(health.problems()).containsOnlyKeys("ticks db01/silent");

    silent.standsBy();
    watch.look();
    assertThat(health.problems()).isEmpty();
  }

  @Test
  void forgetsADatabaseThatVanished() {
    var gone = states.add(new Database("db01", "gone", SETTINGS));
    now = now.plusSeconds(60);
    watch.look();
    states.remove(gone.database());
    watch.look();
    assertThat(health.problems()).isEmpty();
  }
}
