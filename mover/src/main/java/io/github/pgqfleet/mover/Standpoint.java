package io.github.pgqfleet.mover;

import io.github.pgqfleet.pgq.Tick;
import java.time.Instant;
import java.util.Optional;

/**
 * Where source and destination believe one queue to be. Immutable.
 *
 * @param consumer the tick up to which the source's consumer has finished; empty when it is not
 *     registered, or its tick is gone
 * @param position what the destination has of it
 * @param movedAt when the position was last set, by the destination's clock
 * @param fits whether the position is a tick that this very source has: id, time and event sequence
 * @param oldest the oldest tick of the source; rotation has removed those before it
 * @param newest the newest tick of the source
 */
record Standpoint(
    Optional<Tick> consumer,
    Optional<Position> position,
    Optional<Instant> movedAt,
    boolean fits,
    Tick oldest,
    Tick newest) {

  /** Whether the mover stops here, as {@link Registration} and {@link MoveBatch} decide it. */
  boolean lost() {
    return switch (position.orElse(null)) {
      case null -> consumer.isPresent();
      case Position.Registering() -> false;
      case Position.Active(var tick) ->
          consumer.isEmpty() || !fits || tick.id() < consumer.get().id();
    };
  }

  /** The tick that the destination has reached; empty before the first batch. */
  Optional<Tick> delivered() {
    return position.map(p -> p instanceof Position.Active(var tick) ? tick : null);
  }

  /**
   * The last tick before which certainly nothing is missing at the destination, as far as the
   * source still has it. With nothing delivered ever it is where the consumer begins.
   */
  Tick common() {
    if (delivered().isEmpty()) {
      return consumer.orElse(newest);
    }
    if (fits) {
      return delivered().get();
    }
    return rotatedAway() ? oldest : consumer.orElse(oldest);
  }

  /**
   * Whether the position is of a time before everything that the source has: a destination that was
   * restored from a backup older than the rotation. What the source's consumer finished since then
   * says nothing about such a destination.
   */
  boolean rotatedAway() {
    return !fits
        && delivered()
            .filter(tick -> tick.id() < oldest.id() && tick.time().isBefore(oldest.time()))
            .isPresent();
  }
}
