package io.github.pgqfleet.worker.failed;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Random;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

class RetryPolicyTest {

  private static final RetryPolicy POLICY =
      new RetryPolicy(4, Duration.ofSeconds(10), Duration.ofSeconds(70));

  @Test
  void doublesTheDelayUpToTheLongest() {
    var most = least(1);

    assertThat(POLICY.delay(0, most)).isEqualTo(Duration.ofSeconds(10));
    assertThat(POLICY.delay(1, most)).isEqualTo(Duration.ofSeconds(20));
    assertThat(POLICY.delay(2, most)).isEqualTo(Duration.ofSeconds(40));
    assertThat(POLICY.delay(3, most)).isEqualTo(Duration.ofSeconds(70));
    assertThat(POLICY.delay(1_000_000, most)).isEqualTo(Duration.ofSeconds(70));
  }

  @Test
  void shortensADelayByHalfAtMost() {
    assertThat(POLICY.delay(1, least(0))).isEqualTo(Duration.ofSeconds(10));
  }

  @Test
  void givesEventsThatFailedTogetherDifferentDelays() {
    var random = new Random(1);
    assertThat(POLICY.delay(1, random)).isNotEqualTo(POLICY.delay(1, random));
  }

  @Test
  void countsAttemptsFromTheFirst() {
    assertThat(POLICY.isLastAttempt(2)).isFalse();
    assertThat(POLICY.isLastAttempt(3)).isTrue();
    assertThat(new RetryPolicy(1, Duration.ZERO, Duration.ZERO).isLastAttempt(0)).isTrue();
  }

  private static RandomGenerator least(double value) {
    return new RandomGenerator() {
      @Override
      public long nextLong() {
        return 0;
      }

      @Override
      public double nextDouble() {
        return value;
      }
    };
  }
}
