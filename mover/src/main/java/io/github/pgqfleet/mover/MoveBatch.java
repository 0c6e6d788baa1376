package io.github.pgqfleet.mover;

import io.github.pgqfleet.pgq.Batch;
import io.github.pgqfleet.pgq.Pgq;
import io.github.pgqfleet.pgq.Tick;
import io.github.pgqfleet.sql.SqlStates;
import io.github.pgqfleet.sql.Transactions;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Optional;
import java.util.OptionalLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The protocol that makes the mover exactly-once: moves one open batch of a source queue, and opens
 * the next. It keeps no state of its own; whatever it is interrupted in, {@code next_batch} on the
 * source and the position in the destination tell where to go on. Not thread-safe.
 */
final class MoveBatch {

  private static final Logger log = LoggerFactory.getLogger(MoveBatch.class);

  /** What the destination's transaction came to. */
  private sealed interface Delivery {

    /** The events are there now. */
    record Delivered(long events) implements Delivery {}

    /** They had been there before: a crash came between delivering and finishing. */
    record DeliveredBefore() implements Delivery {}

    /** The position is elsewhere. */
    record Elsewhere(Optional<Position> position) implements Delivery {}
  }

  private final SourceQueue queue;
  private final OriginColumn origin;
  private final int bufferBytes;
  private final Movements movements;

  /**
   * @param movements is told of what has been moved
   */
  MoveBatch(SourceQueue queue, OriginColumn origin, int bufferBytes, Movements movements) {
    this.queue = queue;
    this.origin = origin;
    this.bufferBytes = bufferBytes;
    this.movements = movements;
  }

  /**
   * Moves a batch that is open on the source, that is, whose {@code next_batch} has been committed.
   *
   * @param source a connection to the source, in autocommit mode
   * @param destination a connection to the destination, in autocommit mode
   * @return the next batch, open, if there is one
   * @throws PositionLostException when nothing may be moved before an operator has decided
   */
  Optional<Batch> move(Connection source, Connection destination, Batch batch)
      throws SQLException, PositionLostException {
    return switch (deliverOpen(source, destination, batch)) {
      case Delivery.Delivered(var events) -> {
        movements.moved(events);
        yield finish(source, batch);
      }
      case Delivery.DeliveredBefore() -> {
        log.info("queue={} event=delivered_before batch={}", queue, batch.id());
        yield finish(source, batch);
      }
      case Delivery.Elsewhere(var position) -> catchUp(source, batch, position);
    };
  }

  private Delivery deliverOpen(Connection source, Connection destination, Batch batch)
      throws SQLException {
    if (batch.current().id() <= batch.previous().id()) {
      // next_batch of PgQ reads before it writes: one that stalled in between, while another mover
      // went on, leaves a batch that runs backwards. The position says where to go on.
      return new Delivery.Elsewhere(new Positions(destination).find(queue));
    }
    try {
      return deliver(source, destination, batch);
    } catch (SQLException e) {
      // PgQ says "batch not found" when another mover has finished it meanwhile.
      if (SqlStates.RAISED.equals(e.getSQLState()) && !isOpen(new Pgq(source), batch)) {
        return new Delivery.Elsewhere(Optional.empty());
      }
      throw e;
    }
  }

  private Delivery deliver(Connection source, Connection destination, Batch batch)
      throws SQLException {
    try (var events = BatchEvents.open(source, queue, batch, origin, bufferBytes)) {
      return Transactions.inTransaction(
          destination,
          connection -> {
            var positions = new Positions(connection);
            if (!positions.compareAndSet(queue, batch.previous(), batch.current())) {
              return notFrom(positions.find(queue), batch);
            }
            if (events.isEmpty()) {
              return new Delivery.Delivered(0);
            }
            // Only now: with the transaction's id assigned, rotation cannot drop this table before
            // our events in it have been read.
            var table = new Pgq(connection).currentEventTable(queue.destinationQueue());
            return new Delivery.Delivered(events.copyInto(connection, table));
          });
    }
  }

  private static Delivery notFrom(Optional<Position> position, Batch batch) {
    return position.equals(Optional.of(new Position.Active(batch.current())))
        ? new Delivery.DeliveredBefore()
        : new Delivery.Elsewhere(position);
  }

  /** A batch that is not found is a lost race with another mover, which has finished it. */
  private Optional<Batch> finish(Connection source, Batch batch) throws SQLException {
    return new Pgq(source).finishAndNextBatch(batch.id(), queue.queue(), queue.consumer()).next();
  }

  /**
   * The position is neither before nor after this batch. If another mover has gone on, the batch is
   * over; if the position is a later tick of this very queue, the consumer goes there; else it is
   * lost.
   */
  private Optional<Batch> catchUp(Connection source, Batch batch, Optional<Position> position)
      throws SQLException, PositionLostException {
    var pgq = new Pgq(source);
    if (!isOpen(pgq, batch)) {
      log.info("queue={} event=lost_race batch={}", queue, batch.id());
      return pgq.nextBatch(queue.queue(), queue.consumer());
    }
    if (position.isPresent()
        && position.get() instanceof Position.Active(var tick)
        && tick.id() >= batch.previous().id()
        && isTickOfSource(pgq, tick)) {
      log.info("queue={} event=moved_on_to tick={} batch={}", queue, tick, batch.id());
      pgq.registerConsumerAt(queue.queue(), queue.consumer(), tick.id());
      return pgq.nextBatch(queue.queue(), queue.consumer());
    }
    throw new PositionLostException(
        queue,
        "the source offers the events from tick %s to tick %s, but the destination %s"
            .formatted(
                batch.previous(),
                batch.current(),
                position
                    .map(MoveBatch::describe)
                    .orElse("has no position for consumer \"%s\"".formatted(queue.consumer()))));
  }

  private static String describe(Position position) {
    return switch (position) {
      case Position.Active(var tick) -> "has everything up to tick " + tick;
      case Position.Registering() -> "is still registering";
    };
  }

  private boolean isOpen(Pgq pgq, Batch batch) throws SQLException {
    return pgq.subscription(queue.queue(), queue.consumer())
        .map(s -> s.batch().equals(OptionalLong.of(batch.id())))
        .orElse(false);
  }

  private boolean isTickOfSource(Pgq pgq, Tick tick) throws SQLException {
    return pgq.tick(queue.queue(), tick.id()).equals(Optional.of(tick));
  }
}
