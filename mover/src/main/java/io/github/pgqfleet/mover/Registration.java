package io.github.pgqfleet.mover;

import io.github.pgqfleet.pgq.Pgq;
import io.github.pgqfleet.sql.SqlStates;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Optional;

/**
 * Begins the consumption of a source queue. The order is what makes a crash harmless: first the
 * destination commits a row that says {@code registering}, then the consumer is created on the
 * source; the first batch then makes the row {@code active}. So a consumer without a row, or an
 * active row without a consumer, can only mean that one of the databases is not what it was.
 */
final class Registration {

  private Registration() {}

  /**
   * Whether both sides know the consumer. Each is asked for a moment only: a connection of the one
   * is not kept from others while this waits for one of the other.
   */
  static boolean isDone(SourceQueue queue, Lender source, Lender destination)
      throws SQLException, InterruptedException {
    // The source first, as below.
    try (var loan = source.borrow()) {
      var pgq = new Pgq(loan.connection());
      if (pgq.subscription(queue.queue(), queue.consumer()).isEmpty()) {
        return false;
      }
    }
    try (var loan = destination.borrow()) {
      return find(new Positions(loan.connection()), queue).isPresent();
    }
  }

  /**
   * Makes sure that the consumer is registered. Both connections are in autocommit mode.
   *
   * @throws PositionLostException when only one side knows the consumer
   */
  static void ensure(SourceQueue queue, Connection source, Connection destination)
      throws SQLException, PositionLostException {
    var pgq = new Pgq(source);
    var positions = new Positions(destination);
    // The source first: a registration of another mover reaches the destination before it.
    var subscribed = pgq.subscription(queue.queue(), queue.consumer()).isPresent();
    var position = find(positions, queue);
    if (subscribed) {
      if (position.isEmpty()) {
        throw new PositionLostException(
            queue,
            "consumer \"%s\" is registered on the source, but the destination has no position for it"
                .formatted(queue.consumer()));
      }
      return;
    }
    if (position.isPresent() && position.get() instanceof Position.Active(var tick)) {
      if (pgq.subscription(queue.queue(), queue.consumer()).isPresent()) {
        return; // another mover has registered and moved a batch since we looked
      }
      throw new PositionLostException(
          queue,
          "the destination has everything up to tick %s, but consumer \"%s\" is not registered on the source"
              .formatted(tick, queue.consumer()));
    }
    positions.begin(queue);
    pgq.registerConsumer(queue.queue(), queue.consumer());
  }

  private static Optional<Position> find(Positions positions, SourceQueue queue)
      throws SQLException {
    try {
      return positions.find(queue);
    } catch (SQLException e) {
      if (SqlStates.UNDEFINED_TABLE.equals(e.getSQLState())) {
        throw new SQLException(
            "the destination has no table pgq_fleet.position; run `mover provision`",
            e.getSQLState(),
            e);
      }
      throw e;
    }
  }
}
