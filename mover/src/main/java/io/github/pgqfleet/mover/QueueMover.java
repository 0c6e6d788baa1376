package io.github.pgqfleet.mover;

import io.github.pgqfleet.lifecycle.Service;
import io.github.pgqfleet.lifecycle.ServiceContext;
import io.github.pgqfleet.pgq.Batch;
import io.github.pgqfleet.pgq.Pgq;
import java.sql.SQLException;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Moves one source queue: batch after batch while there are any, then waits to be woken. */
final class QueueMover implements Service {

  private static final Logger log = LoggerFactory.getLogger(QueueMover.class);

  private final SourceQueue queue;
  private final Lender source;
  private final Lender destination;
  private final MoveBatch moveBatch;
  private final Wakeup wakeup;
  private final QueueState state;

  QueueMover(
      SourceQueue queue,
      Lender source,
      Lender destination,
      MoverConfig config,
      Wakeup wakeup,
      QueueState state) {
    this.queue = queue;
    this.source = source;
    this.destination = destination;
    this.moveBatch = new MoveBatch(queue, config.originColumn(), config.bufferBytes(), state);
    this.wakeup = wakeup;
    this.state = state;
  }

  @Override
  public String name() {
    return queue.id();
  }

  @Override
  public void wake() {
    wakeup.signal();
  }

  @Override
  public void run(ServiceContext context) throws Exception {
    try {
      register();
      do {
        moveAll(context);
        state.upToDate();
        context.succeeded();
      } while (wakeup.await(context));
    } catch (PositionLostException e) {
      if (state.lost()) {
        log.error(
            "queue={} event=position_lost error=\"{}\" action=\"queue stopped, nothing touched\"",
            queue,
            e.getMessage());
      }
      throw e;
    }
  }

  private void register() throws SQLException, PositionLostException, InterruptedException {
    try (var s = source.borrow();
        var d = destination.borrow()) {
      Registration.ensure(queue, s.connection(), d.connection());
    }
  }

  private void moveAll(ServiceContext context)
      throws SQLException, PositionLostException, InterruptedException {
    var next = openBatch();
    while (next.isPresent() && !context.stopRequested()) {
      next = move(next.get());
      context.succeeded();
    }
  }

  private Optional<Batch> openBatch() throws SQLException, InterruptedException {
    try (var s = source.borrow()) {
      return new Pgq(s.connection()).nextBatch(queue.queue(), queue.consumer());
    }
  }

  /** Gives the connections back after each batch, so that a backlog does not starve the others. */
  private Optional<Batch> move(Batch batch)
      throws SQLException, PositionLostException, InterruptedException {
    try (var s = source.borrow();
        var d = destination.borrow()) {
      return moveBatch.move(s.connection(), d.connection(), batch);
    }
  }
}
