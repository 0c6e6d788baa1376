package io.github.pgqfleet.pgq;

import java.time.Instant;

/**
 * A tick, with all that identifies it. The id alone does not: a queue that was dropped and created
 * again, or a database that was restored, offers the same ids a second time.
 *
 * @param id {@code tick_id}
 * @param time {@code tick_time}, exact to PostgreSQL's microsecond
 * @param eventSeq {@code tick_event_seq}, the event sequence when the tick was made
 */
public record Tick(long id, Instant time, long eventSeq) {

  @Override
  public String toString() {
    return id + "@" + time + "#" + eventSeq;
  }
}
