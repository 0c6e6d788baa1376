package io.github.pgqfleet.mover;

import io.github.pgqfleet.mover.MoveBatch.Transport;
import io.github.pgqfleet.pgq.Batch;
import io.github.pgqfleet.pgq.OpenBatch;
import java.sql.SQLException;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Events that are read before their batch's turn. Begins to read the batch after the one that is
 * being delivered, so that the source finds and sorts its events while the destination writes.
 * Which batch that is, is learnt in a transaction that is rolled back. The events between two ticks
 * are always the same, so they may be used when the batch that is opened in the end runs between
 * these very ticks, and are not when it does not. Where memory or connections are short, it reads
 * nothing. Belongs to one thread, beside its own.
 */
final class ReadAhead implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(ReadAhead.class);

  private final CompletableFuture<Optional<Ahead>> reading = new CompletableFuture<>();
  private boolean taken;

  /** A batch that is not open yet, and its events. */
  private record Ahead(Batch batch, BatchEvents events) {}

  private ReadAhead() {}

  /** What has been read already. */
  static ReadAhead done(Batch batch, BatchEvents events) {
    var ahead = new ReadAhead();
    ahead.reading.complete(Optional.of(new Ahead(batch, events)));
    return ahead;
  }

  /** Begins to read what comes after an open batch. */
  static ReadAhead after(Batch open, SourceQueue queue, Transport transport) {
    var ahead = new ReadAhead();
    Thread.ofVirtual()
        .name("read-ahead " + queue)
        .start(
            () -> {
              try {
                ahead.reading.complete(read(open, queue, transport));
              } catch (SQLException | RuntimeException e) {
                ahead.reading.completeExceptionally(e);
              }
            });
    return ahead;
  }

  private static Optional<Ahead> read(Batch open, SourceQueue queue, Transport transport)
      throws SQLException {
    try (var memory = transport.memory().tryReserve().orElse(null);
        var source = memory == null ? null : transport.source().tryBorrow().orElse(null)) {
      if (memory == null || source == null) {
        return Optional.empty();
      }
      var next = transport.batches().foresee(source.connection(), queue, open.id());
      if (next.isEmpty()) {
        return Optional.empty();
      }
      var events =
          BatchEvents.begin(
              source.handOver(), queue, next.get().eventSql().orElseThrow(), memory.handOver());
      return Optional.of(new Ahead(next.get().batch(), events));
    }
  }

  /**
   * The events of a batch that has been opened since, if it is the one that was read; the caller
   * closes them.
   */
  Optional<BatchEvents> take(OpenBatch opened) throws InterruptedException {
    try {
      var ahead = reading.get().filter(a -> isBetweenTheTicksOf(opened.batch(), a.batch()));
      taken = ahead.isPresent();
      return ahead.map(Ahead::events);
    } catch (ExecutionException e) {
      log.debug("event=read_ahead_failed error=\"{}\"", e.getMessage());
      return Optional.empty();
    }
  }

  private static boolean isBetweenTheTicksOf(Batch one, Batch other) {
    return one.previous().equals(other.previous()) && one.current().equals(other.current());
  }

  /** Gives up what was not taken, now or as soon as it has been read. */
  @Override
  public void close() {
    if (!taken) {
      var _ = reading.thenAccept(ahead -> ahead.ifPresent(a -> giveUp(a.events())));
    }
  }

  private static void giveUp(BatchEvents events) {
    try (events) {
      log.debug("queue={} event=read_ahead_given_up", events.queue());
    } catch (SQLException e) {
      log.debug("queue={} event=read_ahead_failed error=\"{}\"", events.queue(), e.getMessage());
    }
  }
}
