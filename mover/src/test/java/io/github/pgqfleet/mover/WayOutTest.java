package io.github.pgqfleet.mover;

import static io.github.pgqfleet.mover.WayOut.REWIND;
import static io.github.pgqfleet.mover.WayOut.SKIP;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgqfleet.mover.WayOut.Decision;
import io.github.pgqfleet.pgq.Tick;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** The source has the ticks 10 to 20. */
class WayOutTest {

  private static final Optional<Tick> NONE = Optional.empty();

  @Test
  void aQueueIsFineWhereThePositionIsATickOfTheSourceAtTheConsumerOrAfterIt() {
    assertThat(at(15, active(15), true).lost()).isFalse();
    assertThat(at(15, active(16), true).lost()).isFalse();
    assertThat(REWIND.decide(at(15, active(16), true), true, NONE))
        .isEqualTo(new Decision.Leave("is not lost, left as it is"));
  }

  @Test
  void aQueueIsFineWhileItIsRegistered() {
    assertThat(at(15, Optional.of(new Position.Registering()), false).lost()).isFalse();
    assertThat(at(0, Optional.of(new Position.Registering()), false).lost()).isFalse();
    assertThat(at(0, Optional.empty(), false).lost()).isFalse();
  }

  @Test
  void aQueueIsLostWhereTheTwoDoNotFit() {
    assertThat(at(15, Optional.empty(), false).lost()).isTrue();
    assertThat(at(15, active(14), true).lost()).isTrue();
    assertThat(at(15, active(15), false).lost()).isTrue();
    assertThat(at(0, active(15), true).lost()).isTrue();
  }

  @Test
  void afterTheDestinationWasRestoredItRewindsToThePosition() {
    var now = at(18, active(12), true);
    assertThat(REWIND.decide(now, true, NONE)).isEqualTo(move(12, 12, 20));
    assertThat(SKIP.decide(now, true, NONE)).isEqualTo(move(20, 12, 20));
  }

  @Test
  void afterTheConsumerWasRemovedItRewindsToThePosition() {
    assertThat(REWIND.decide(at(0, active(12), true), true, NONE)).isEqualTo(move(12, 12, 20));
  }

  @Test
  void afterTheSourceWasRestoredItRewindsToTheConsumer() {
    var now = at(13, active(19), false);
    assertThat(REWIND.decide(now, true, NONE)).isEqualTo(move(13, 13, 20));
    assertThat(SKIP.decide(now, true, NONE)).isEqualTo(move(20, 13, 20));
  }

  @Test
  void whereTheDestinationKnowsNothingItRewindsToTheConsumer() {
    assertThat(REWIND.decide(at(13, Optional.empty(), false), true, NONE))
        .isEqualTo(move(13, 13, 20));
  }

  @Test
  void afterTheQueueWasCreatedAgainItRewindsToItsBeginning() {
    assertThat(REWIND.decide(at(0, active(15), false), true, NONE)).isEqualTo(move(10, 10, 20));
  }

  @Test
  void whereRotationHasRemovedThePositionItRewindsToTheOldestTickAndSaysWhatIsGone() {
    var now = at(18, active(4), false);
    assertThat(REWIND.decide(now, true, NONE))
        .isEqualTo(
            new Decision.Move(
                tick(10),
                tick(10),
                tick(20),
                Optional.of(
                    "rotation has removed the events between tick %s, which the destination has, and tick %s"
                        .formatted(tick(4), tick(10)))));
    assertThat(SKIP.decide(now, true, NONE))
        .isInstanceOfSatisfying(
            Decision.Move.class,
            move -> {
              assertThat(move.target()).isEqualTo(tick(20));
              assertThat(move.after()).isEqualTo(tick(10));
              assertThat(move.caution()).isPresent();
            });
  }

  @Test
  void takesAQueueThatIsFineWhereItIsToldTo() {
    var now = at(15, active(16), true);
    assertThat(REWIND.decide(now, false, Optional.of(tick(12)))).isEqualTo(move(12, 12, 20));
    assertThat(SKIP.decide(now, false, Optional.of(tick(19)))).isEqualTo(move(19, 16, 19));
  }

  @Test
  void neverRewindsForwardNorSkipsBack() {
    var now = at(15, active(16), true);
    assertThat(REWIND.decide(now, false, Optional.of(tick(17))))
        .isEqualTo(
            new Decision.Refuse(
                "tick %s is not back but forward of tick %s: see `mover skip --to`"
                    .formatted(tick(17), tick(16))));
    assertThat(SKIP.decide(now, false, Optional.of(tick(15))))
        .isEqualTo(
            new Decision.Refuse(
                "tick %s is not forward but back of tick %s: see `mover rewind --to`"
                    .formatted(tick(15), tick(16))));
  }

  private static Decision move(long target, long after, long upTo) {
    return new Decision.Move(tick(target), tick(after), tick(upTo), Optional.empty());
  }

  /**
   * @param consumer 0 when there is none
   */
  private static Standpoint at(long consumer, Optional<Position> position, boolean fits) {
    return new Standpoint(
        consumer == 0 ? NONE : Optional.of(tick(consumer)),
        position,
        position.map(p -> Instant.EPOCH),
        fits,
        tick(10),
        tick(20));
  }

  private static Optional<Position> active(long tick) {
    return Optional.of(new Position.Active(tick(tick)));
  }

  private static Tick tick(long id) {
    return new Tick(id, Instant.EPOCH.plusSeconds(id), id * 10);
  }
}
