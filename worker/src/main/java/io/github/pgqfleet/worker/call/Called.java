package io.github.pgqfleet.worker.call;

import io.github.pgqfleet.worker.api.Event;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What came of a call. Immutable.
 *
 * @param failures the events that have failed; those that are neither here nor in {@code left} are
 *     handled
 * @param left those that are to be given again, since nothing is known of them; empty unless the
 *     call was cut short
 * @param cutShort why nothing more could be handled; null when nothing is left
 */
public record Called(
    List<Failure> failures, List<Event> left, @Nullable UnavailableException cutShort) {

  public Called {
    failures = List.copyOf(failures);
    left = List.copyOf(left);
  }

  /** All that could be given is settled. */
  static Called all(List<Failure> failures) {
    return new Called(failures, List.of(), null);
  }
}
