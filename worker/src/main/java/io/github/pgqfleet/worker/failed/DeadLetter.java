package io.github.pgqfleet.worker.failed;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.annotation.JsonSerialize;
import com.fasterxml.jackson.databind.ser.std.ToStringSerializer;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A row of {@code pgq_fleet.dead_letter}. Immutable.
 *
 * @param id its own id, which is not the event's
 * @param queue the queue
 * @param consumer the consumer that could not handle it
 * @param subconsumer who worked on its last batch
 * @param batchId its last batch
 * @param attempts how often it was tried
 * @param failedAt when it failed for the last time
 * @param error what went wrong then
 * @param stack where, if that is known
 * @param eventId {@code ev_id}
 * @param time {@code ev_time}
 * @param txid {@code ev_txid} in its last batch
 * @param type {@code ev_type}
 * @param data {@code ev_data}
 */
public record DeadLetter(
    long id,
    String queue,
    String consumer,
    String subconsumer,
    @JsonProperty("batch_id") long batchId,
    int attempts,
    @JsonProperty("failed_at") @JsonSerialize(using = ToStringSerializer.class) Instant failedAt,
    String error,
    @Nullable String stack,
    @JsonProperty("ev_id") long eventId,
    @JsonProperty("ev_time") @JsonSerialize(using = ToStringSerializer.class) Instant time,
    @JsonProperty("ev_txid") long txid,
    @JsonProperty("ev_type") @Nullable String type,
    @JsonProperty("ev_data") @Nullable String data,
    @JsonProperty("ev_extra1") @Nullable String extra1,
    @JsonProperty("ev_extra2") @Nullable String extra2,
    @JsonProperty("ev_extra3") @Nullable String extra3,
    @JsonProperty("ev_extra4") @Nullable String extra4) {

  /** Names it without its texts, so that it may be logged. */
  @Override
  public String toString() {
    return "DeadLetter[id=" + id + ", queue=" + queue + ", eventId=" + eventId + "]";
  }
}
