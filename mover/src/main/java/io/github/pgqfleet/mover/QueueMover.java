package io.github.pgqfleet.mover;

import io.github.pgqfleet.lifecycle.Service;
import io.github.pgqfleet.lifecycle.ServiceContext;
import io.github.pgqfleet.pgq.Batch;
import io.github.pgqfleet.pgq.Pgq;
import java.sql.SQLException;
import java.util.Optional;
import javax.sql.DataSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Moves one source queue: batch after batch while there are any, then waits to be woken. */
final class QueueMover implements Service {

  private static final Logger log = LoggerFactory.getLogger(QueueMover.class);

  private final SourceQueue queue;
  private final DataSource source;
  private final DataSource destination;
  private final MoveBatch moveBatch;
  private final Wakeup wakeup;
  private final QueueState state;

  QueueMover(
      SourceQueue queue,
      DataSource source,
      DataSource destination,
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
      if (state.lost(e.getMessage())) {
        log.error(
            "queue={} event=position_lost error=\"{}\" action=\"queue stopped, nothing touched\"",
            queue,
            e.getMessage());
      }
      throw e;
    }
  }

  private void register() throws SQLException, PositionLostException {
    try (var s = source.getConnection();
        var d = destination.getConnection()) {
      Registration.ensure(queue, s, d);
    }
  }

  private void moveAll(ServiceContext context) throws SQLException, PositionLostException {
    try (var s = source.getConnection()) {
      Optional<Batch> next = new Pgq(s).nextBatch(queue.queue(), queue.consumer());
      while (next.isPresent() && !context.stopRequested()) {
        try (var d = destination.getConnection()) {
          next = moveBatch.move(s, d, next.get());
        }
      }
    }
  }
}
