package io.github.pgqfleet.worker.call;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class RetryAfterTest {

  private Instant now = Instant.parse("2026-01-01T00:00:00Z");
  private final RetryAfter retryAfter = new RetryAfter(() -> now);

  @Test
  void lastsAsLongAsAskedFor() {
    assertThat(retryAfter.left()).isZero();
    retryAfter.heed(" 120 ");
    assertThat(retryAfter.left()).isEqualTo(Duration.ofMinutes(2));
    now = now.plusSeconds(119);
    assertThat(retryAfter.left()).isEqualTo(Duration.ofSeconds(1));
    now = now.plusSeconds(1);
    assertThat(retryAfter.left()).isZero();
  }

  @Test
  void takesADate() {
    retryAfter.heed("Thu, 01 Jan 2026 00:01:00 GMT");
    assertThat(retryAfter.left()).isEqualTo(Duration.ofMinutes(1));
  }

  @Test
  void believesNothingElse() {
    retryAfter.heed("soon");
    assertThat(retryAfter.left()).isZero();
    retryAfter.heed("Wed, 31 Dec 2025 00:00:00 GMT");
    assertThat(retryAfter.left()).isZero();
    retryAfter.heed("999999999");
    assertThat(retryAfter.left()).isEqualTo(Duration.ofHours(1));
  }
}
