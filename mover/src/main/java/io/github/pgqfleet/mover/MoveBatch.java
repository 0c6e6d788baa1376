package io.github.pgqfleet.mover;

import io.github.pgqfleet.mover.SourceBatches.Opened;
import io.github.pgqfleet.pgq.Batch;
import io.github.pgqfleet.pgq.OpenBatch;
import io.github.pgqfleet.pgq.Pgq;
import io.github.pgqfleet.pgq.Tick;
import io.github.pgqfleet.sql.SqlStates;
import io.github.pgqfleet.sql.Transactions;
import java.sql.SQLException;
import java.util.Optional;
import java.util.OptionalLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The protocol that makes the mover exactly-once: opens a batch of a source queue, delivers it, and
 * finishes it. It keeps no state of its own but what may have been read in advance; whatever it is
 * interrupted in, {@code next_batch} on the source and the position in the destination tell where
 * to go on. Not thread-safe.
 */
final class MoveBatch {

  private static final Logger log = LoggerFactory.getLogger(MoveBatch.class);

  /** Often enough to tell a race from what is wrong. */
  private static final int LOST_RACES = 5;

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
  private final Transport transport;
  private final Movements movements;
  private Optional<ReadAhead> ahead = Optional.empty();

  /**
   * What a batch travels by.
   *
   * @param source lends connections to the source
   * @param batches opens and finishes batches there
   * @param destination lends connections to the destination, for batches that go alone
   * @param small takes the batches that are small enough
   * @param memory bounds what is read ahead
   */
  record Transport(
      Lender source,
      SourceBatches batches,
      Lender destination,
      SmallBatches small,
      BufferMemory memory) {}

  /**
   * @param movements is told of what has been moved
   */
  MoveBatch(SourceQueue queue, Transport transport, Movements movements) {
    this.queue = queue;
    this.transport = transport;
    this.movements = movements;
  }

  /** Opens the next batch, or the one that is open; empty when there is no new tick. */
  Optional<OpenBatch> next() throws SQLException, InterruptedException {
    return next(OptionalLong.empty(), true);
  }

  /**
   * Delivers an open batch, once, whoever else does.
   *
   * @return true when it is delivered and shall be finished; false when it is not the one to
   *     deliver
   * @throws PositionLostException when nothing may be moved before an operator has decided
   */
  boolean deliver(OpenBatch open) throws SQLException, PositionLostException, InterruptedException {
    return switch (delivery(open)) {
      case Delivery.Delivered(var events) -> {
        movements.moved(open.batch().current(), events);
        yield true;
      }
      case Delivery.DeliveredBefore() -> {
        log.info("queue={} event=delivered_before batch={}", queue, open.batch().id());
        yield true;
      }
      case Delivery.Elsewhere(var position) -> {
        catchUp(open.batch(), position);
        yield false;
      }
    };
  }

  /** Finishes a delivered batch and opens the next. */
  Optional<OpenBatch> finishAndNext(OpenBatch open) throws SQLException, InterruptedException {
    return next(OptionalLong.of(open.batch().id()), open.newest());
  }

  /** Finishes a delivered batch. One that is not found is a lost race: another has finished it. */
  void finish(OpenBatch open) throws SQLException, InterruptedException {
    transport.batches().finish(queue, open.batch().id());
  }

  private Delivery delivery(OpenBatch open) throws SQLException, InterruptedException {
    var batch = open.batch();
    if (batch.current().id() <= batch.previous().id()) {
      // next_batch of PgQ reads before it writes: one that stalled in between, while another mover
      // went on, leaves a batch that runs backwards. The position says where to go on.
      forgetReadAhead();
      return new Delivery.Elsewhere(position());
    }
    var found = events(open);
    if (found.isEmpty()) {
      return new Delivery.Elsewhere(position());
    }
    try (var events = found.get()) {
      if (!events.isWhole() && !open.newest()) {
        ahead = Optional.of(ReadAhead.after(batch, queue, transport));
      }
      return events.isWhole() && transport.small().deliver(batch, events)
          ? new Delivery.Delivered(events.rows().size())
          : alone(batch, events);
    }
  }

  /** None when another mover has finished the batch meanwhile. */
  private Optional<BatchEvents> events(OpenBatch open) throws SQLException, InterruptedException {
    var read = ahead.isPresent() ? ahead.get().take(open) : Optional.<BatchEvents>empty();
    forgetReadAhead();
    if (read.isPresent()) {
      return read;
    }
    var sql = eventSql(open);
    return sql.isEmpty()
        ? Optional.empty()
        : Optional.of(BatchEvents.begin(transport.source(), queue, sql.get(), transport.memory()));
  }

  private Optional<String> eventSql(OpenBatch open) throws SQLException, InterruptedException {
    if (open.eventSql().isPresent()) {
      return open.eventSql();
    }
    try (var loan = transport.source().borrow()) {
      var pgq = new Pgq(loan.connection());
      try {
        return Optional.of(pgq.batchEventSql(open.batch().id()));
      } catch (SQLException e) {
        if (SqlStates.RAISED.equals(e.getSQLState()) && !isOpen(pgq, open.batch())) {
          return Optional.empty();
        }
        throw e;
      }
    }
  }

  /** Gives up what may have been read in advance. */
  void forgetReadAhead() {
    ahead.ifPresent(ReadAhead::close);
    ahead = Optional.empty();
  }

  /** In a transaction of its own: a large batch, and one whose position is not as it should be. */
  private Delivery alone(Batch batch, BatchEvents events)
      throws SQLException, InterruptedException {
    try (var loan = transport.destination().borrow()) {
      return Transactions.inTransaction(
          loan.connection(),
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
            var tables = new Pgq(connection).currentEventTables(queue.route().queues());
            return new Delivery.Delivered(events.copyInto(connection, tables));
          });
    }
  }

  private static Delivery notFrom(Optional<Position> position, Batch batch) {
    return position.equals(Optional.of(new Position.Active(batch.current())))
        ? new Delivery.DeliveredBefore()
        : new Delivery.Elsewhere(position);
  }

  /**
   * The position is neither before nor after this batch. If another mover has gone on, the batch is
   * over; if the position is a later tick of this very queue, the consumer goes there; else it is
   * lost.
   */
  private void catchUp(Batch batch, Optional<Position> position)
      throws SQLException, PositionLostException, InterruptedException {
    try (var loan = transport.source().borrow()) {
      var pgq = new Pgq(loan.connection());
      if (!isOpen(pgq, batch)) {
        log.info("queue={} event=lost_race batch={}", queue, batch.id());
      } else if (position.isPresent()
          && position.get() instanceof Position.Active(var tick)
          && tick.id() >= batch.previous().id()
          && isTickOfSource(pgq, tick)) {
        log.info("queue={} event=moved_on_to tick={} batch={}", queue, tick, batch.id());
        pgq.registerConsumerAt(queue.queue(), queue.consumer(), tick.id());
      } else {
        throw new PositionLostException(queue, lost(batch, position));
      }
    }
  }

  private String lost(Batch batch, Optional<Position> position) {
    return "the source offers the events from tick %s to tick %s, but the destination %s"
        .formatted(
            batch.previous(),
            batch.current(),
            position
                .map(MoveBatch::describe)
                .orElse("has no position for consumer \"%s\"".formatted(queue.consumer())));
  }

  private static String describe(Position position) {
    return switch (position) {
      case Position.Active(var tick) -> "has everything up to tick " + tick;
      case Position.Registering() -> "is still registering";
    };
  }

  private Optional<Position> position() throws SQLException, InterruptedException {
    try (var loan = transport.destination().borrow()) {
      return new Positions(loan.connection()).find(queue);
    }
  }

  private boolean isOpen(Pgq pgq, Batch batch) throws SQLException {
    return pgq.subscription(queue.queue(), queue.consumer())
        .map(s -> s.batch().equals(OptionalLong.of(batch.id())))
        .orElse(false);
  }

  private boolean isTickOfSource(Pgq pgq, Tick tick) throws SQLException {
    return pgq.tick(queue.queue(), tick.id()).equals(Optional.of(tick));
  }

  private Optional<OpenBatch> next(OptionalLong delivered, boolean woken)
      throws SQLException, InterruptedException {
    for (int races = 0; ; races++) {
      try {
        var opened = transport.batches().next(queue, delivered, woken);
        opened.ifPresent(this::keepWhatIsRead);
        return opened.map(Opened::batch);
      } catch (SQLException e) {
        // "Batch not found": between being read as the open one and being looked at, another
        // mover has finished it.
        if (!SqlStates.RAISED.equals(e.getSQLState()) || races == LOST_RACES || !isRegistered()) {
          throw e;
        }
      }
    }
  }

  private void keepWhatIsRead(Opened opened) {
    if (opened.events().isPresent()) {
      forgetReadAhead();
      ahead = Optional.of(ReadAhead.done(opened.batch().batch(), opened.events().get()));
    }
  }

  private boolean isRegistered() throws SQLException, InterruptedException {
    try (var loan = transport.source().borrow()) {
      return new Pgq(loan.connection()).subscription(queue.queue(), queue.consumer()).isPresent();
    }
  }
}
