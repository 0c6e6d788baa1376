package io.github.pgqfleet.ticker;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

class CadenceTest {

  private static final Duration PERIOD = Duration.ofMillis(100);

  private final AtomicLong clock = new AtomicLong(-50);
  private final Cadence cadence = new Cadence(PERIOD, clock::get);

  @Test
  void keepsItsRateWhateverTheWorkTakes() {
    pass(30);
    assertThat(cadence.untilNext()).isEqualTo(Duration.ofMillis(70));
    pass(70 + 5);
    assertThat(cadence.lateness()).isEqualTo(Duration.ofMillis(5));
    pass(10);
    assertThat(cadence.untilNext()).isEqualTo(Duration.ofMillis(85));
  }

  @Test
  void leavesOutWhatItMissed() {
    pass(350);
    assertThat(cadence.untilNext()).isEqualTo(Duration.ofMillis(50));
    pass(50);
    assertThat(cadence.lateness()).isZero();
  }

  @Test
  void saysSomethingSeldomOnceEachPeriod() {
    var every = new Every(PERIOD, clock::get, (RandomGenerator) () -> 0L);
    assertThat(every.isDue()).isTrue();
    assertThat(every.isDue()).isFalse();
    pass(99);
    assertThat(every.isDue()).isFalse();
    pass(1);
    assertThat(every.isDue()).isTrue();
  }

  private void pass(long millis) {
    clock.addAndGet(Duration.ofMillis(millis).toNanos());
  }
}
