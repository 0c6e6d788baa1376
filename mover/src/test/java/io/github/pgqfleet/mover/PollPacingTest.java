package io.github.pgqfleet.mover;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class PollPacingTest {

  private static final Duration INTERVAL = Duration.ofSeconds(5);
  private static final Duration RARE = Duration.ofSeconds(30);
  private static final Duration MINUTE = Duration.ofMinutes(1);

  private final PollPacing pacing = new PollPacing(INTERVAL);

  @Test
  void pollsOftenUntilANotificationHasArrived() {
    assertThat(pacing.pause(Duration.ZERO)).isEqualTo(INTERVAL);
    assertThat(pacing.pause(MINUTE)).isEqualTo(INTERVAL);
    pacing.notified(MINUTE);
    assertThat(pacing.pause(MINUTE)).isEqualTo(RARE);
  }

  @Test
  void pollsOftenAgainWhenNotificationsHaveStayedAway() {
    pacing.notified(MINUTE);
    assertThat(pacing.pause(MINUTE.multipliedBy(3).minusMillis(1))).isEqualTo(RARE);
    assertThat(pacing.pause(MINUTE.multipliedBy(3))).isEqualTo(INTERVAL);
    pacing.notified(MINUTE.multipliedBy(4));
    assertThat(pacing.pause(MINUTE.multipliedBy(4))).isEqualTo(RARE);
  }

  @Test
  void pollsOftenForAWhileWhereATickWasOverlookedWhateverElseIsNotified() {
    pacing.notified(MINUTE);
    pacing.overlooked(MINUTE);
    pacing.notified(MINUTE.plusSeconds(1));
    assertThat(pacing.pause(MINUTE.plusSeconds(1))).isEqualTo(INTERVAL);
    pacing.notified(MINUTE.multipliedBy(3));
    assertThat(pacing.pause(MINUTE.multipliedBy(3))).isEqualTo(RARE);
  }

  @Test
  void neverPollsMoreOftenThanConfigured() {
    var rare = new PollPacing(Duration.ofMinutes(5));
    rare.notified(MINUTE);
    assertThat(rare.pause(MINUTE)).isEqualTo(Duration.ofMinutes(5));
  }
}
