package io.github.pgqfleet.worker.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import org.junit.jupiter.api.Test;

class EventTest {

  @Test
  void namesItselfWithoutItsPayload() {
    Event event = new Event(5, Instant.EPOCH, 99, 0, "t", "secret", null, null, null, null);

    assertThat(event.toString()).contains("id=5").doesNotContain("secret");
  }
}
