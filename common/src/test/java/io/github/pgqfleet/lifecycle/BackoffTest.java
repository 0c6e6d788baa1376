package io.github.pgqfleet.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class BackoffTest {

  @Test
  void doublesUpToItsBoundAndStaysWithinHalfOfIt() {
    var backoff = new Backoff(Duration.ofMillis(100), Duration.ofSeconds(1));
    for (long full : new long[] {100, 200, 400, 800, 1000, 1000}) {
      assertThat(backoff.next()).isBetween(Duration.ofMillis(full / 2), Duration.ofMillis(full));
    }
  }

  @Test
  void beginsAgainAfterAReset() {
    var backoff = new Backoff(Duration.ofMillis(100), Duration.ofSeconds(1));
    backoff.next();
    backoff.next();
    backoff.reset();
    assertThat(backoff.next()).isLessThanOrEqualTo(Duration.ofMillis(100));
  }
}
