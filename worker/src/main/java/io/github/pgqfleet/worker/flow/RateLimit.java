package io.github.pgqfleet.worker.flow;

import io.github.bucket4j.Bucket;
import java.time.Duration;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * How many events a second a queue's sub-consumers in this process may handle together. Events that
 * cannot be handed out one by one, because they are handled in one transaction, are paid for
 * afterwards: nothing new is begun before that, so that waiting keeps no transaction and no batch
 * open. Thread-safe.
 */
public final class RateLimit {

  private final @Nullable Bucket bucket;

  /**
   * @param perSecond events a second; so many may also come at once after a rest. Empty: no limit
   */
  public RateLimit(OptionalInt perSecond) {
    bucket =
        perSecond.isEmpty()
            ? null
            : Bucket.builder()
                .addLimit(
                    limit ->
                        limit
                            .capacity(perSecond.getAsInt())
                            .refillGreedy(perSecond.getAsInt(), Duration.ofSeconds(1)))
                .build();
  }

  /** No limit. */
  public static RateLimit none() {
    return new RateLimit(OptionalInt.empty());
  }

  /** Waits until so many events may be handled. */
  public void acquire(long events) throws InterruptedException {
    if (bucket != null && events > 0) {
      TimeUnit.NANOSECONDS.sleep(bucket.consumeIgnoringRateLimits(events));
    }
  }

  /** Pays for events that have been handled, which others then wait for. */
  public void spend(long events) {
    if (bucket != null && events > 0) {
      bucket.consumeIgnoringRateLimits(events);
    }
  }

  /** How long it takes from now until something may be begun. */
  public Duration owed() {
    return bucket == null
        ? Duration.ZERO
        : Duration.ofNanos(bucket.estimateAbilityToConsume(1).getNanosToWaitForRefill());
  }
}
