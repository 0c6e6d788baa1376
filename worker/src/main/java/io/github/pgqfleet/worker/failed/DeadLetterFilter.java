package io.github.pgqfleet.worker.failed;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which dead letters of a consumer are meant; what is empty or null allows any. Immutable.
 *
 * @param queues their queues
 * @param eventIds their events' ids
 * @param types their events' types
 * @param error what their error contains, in any case of letters
 * @param since they failed then or later
 * @param until they failed before
 */
public record DeadLetterFilter(
    String consumer,
    List<String> queues,
    List<Long> eventIds,
    List<String> types,
    @Nullable String error,
    @Nullable Instant since,
    @Nullable Instant until) {

  public DeadLetterFilter {
    queues = List.copyOf(queues);
    eventIds = List.copyOf(eventIds);
    types = List.copyOf(types);
  }

  /** Whether it allows all of the consumer's. */
  public boolean isOpen() {
    return queues.isEmpty()
        && eventIds.isEmpty()
        && types.isEmpty()
        && error == null
        && since == null
        && until == null;
  }
}
