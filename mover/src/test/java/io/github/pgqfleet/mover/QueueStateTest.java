package io.github.pgqfleet.mover;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgqfleet.pgq.Tick;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class QueueStateTest {

  @Test
  void forgetsWhatItHasDeliveredWhereThePositionIsLost() {
    var state = new QueueState((_, _) -> {});
    var tick = new Tick(7, Instant.EPOCH, 1000);
    state.moved(tick, 3);
    assertThat(state.delivered()).contains(tick);
    assertThat(state.lost()).isTrue();
    assertThat(state.delivered()).isEmpty();
  }
}
