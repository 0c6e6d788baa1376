package io.github.pgqfleet.worker.api;

import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One event of a batch, with PgQ's own columns.
 *
 * @param id {@code ev_id}; unique within its queue, kept over retries
 * @param time {@code ev_time}: when the application inserted it
 * @param txid {@code ev_txid}: the transaction that wrote it into this queue; events of one
 *     transaction share it
 * @param retry {@code ev_retry}: how often it has been retried; 0 on the first delivery, and on the
 *     first after a dead letter was replayed
 * @param type {@code ev_type}
 * @param data {@code ev_data}: the payload
 * @param extra1 {@code ev_extra1}
 * @param extra2 {@code ev_extra2}
 * @param extra3 {@code ev_extra3}
 * @param extra4 {@code ev_extra4}
 */
public record Event(
    long id,
    Instant time,
    long txid,
    int retry,
    @Nullable String type,
    @Nullable String data,
    @Nullable String extra1,
    @Nullable String extra2,
    @Nullable String extra3,
    @Nullable String extra4) {

  /** Refuses what PgQ never hands out. */
  public Event {
    Objects.requireNonNull(time, "time");
    if (retry < 0) {
      throw new IllegalArgumentException("retry must not be negative: " + retry);
    }
  }

  /** Names the event without its payload, so that it may be logged. */
  @Override
  public String toString() {
    return "Event[id=" + id + ", txid=" + txid + ", retry=" + retry + ", type=" + type + "]";
  }
}
