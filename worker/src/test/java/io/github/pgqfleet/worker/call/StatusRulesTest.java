package io.github.pgqfleet.worker.call;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgqfleet.worker.call.StatusRules.Trouble;
import java.util.Map;
import org.junit.jupiter.api.Test;

class StatusRulesTest {

  private final StatusRules rules =
      new StatusRules(
          Map.of(
              "2xx", Verdict.HANDLED,
              "4xx", Verdict.DEAD,
              "429", Verdict.WAIT,
              "409", Verdict.HANDLED,
              "timeout", Verdict.RETRY));

  @Test
  void takesAStatusBeforeItsClass() {
    assertThat(rules.of(204)).isEqualTo(Verdict.HANDLED);
    assertThat(rules.of(404)).isEqualTo(Verdict.DEAD);
    assertThat(rules.of(429)).isEqualTo(Verdict.WAIT);
    assertThat(rules.of(409)).isEqualTo(Verdict.HANDLED);
    assertThat(rules.of(Trouble.TIMEOUT)).isEqualTo(Verdict.RETRY);
  }

  @Test
  void makesTheBatchWaitForWhatIsNotListed() {
    assertThat(rules.of(301)).isEqualTo(Verdict.WAIT);
    assertThat(rules.of(500)).isEqualTo(Verdict.WAIT);
    assertThat(rules.of(Trouble.UNREACHABLE)).isEqualTo(Verdict.WAIT);
  }
}
