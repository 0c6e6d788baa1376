package io.github.pgqfleet.mover;

import io.github.pgqfleet.pgq.Batch;
import java.time.Duration;

/**
 * How long a delivered batch is left open on the source at the most when it is the newest, so that
 * it can be finished in one transaction with opening the next, of its queue or of another one.
 *
 * @param usual where there may be events in it, which PgQ's views show as pending so long
 * @param idle where only time has passed between its ticks
 */
record FinishDelay(Duration usual, Duration idle) {

  Duration of(Batch batch) {
    return batch.current().eventSeq() == batch.previous().eventSeq() ? idle : usual;
  }
}
