package io.github.pgqfleet.mover;

import io.github.pgqfleet.lifecycle.Service;
import io.github.pgqfleet.lifecycle.ServiceContext;
import io.github.pgqfleet.pgq.OpenBatch;
import java.sql.SQLException;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Moves one source queue: batch after batch while there are any, then waits to be woken. */
final class QueueMover implements Service {

  private static final Logger log = LoggerFactory.getLogger(QueueMover.class);

  private final SourceQueue queue;
  private final MoveBatch.Transport transport;
  private final MoveBatch protocol;
  private final FinishDelay finishDelay;
  private final Wakeup wakeup;
  private final QueueState state;

  QueueMover(
      SourceQueue queue,
      MoveBatch.Transport transport,
      FinishDelay finishDelay,
      Wakeup wakeup,
      QueueState state) {
    this.queue = queue;
    this.transport = transport;
    this.protocol = new MoveBatch(queue, transport, state);
    this.finishDelay = finishDelay;
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
    } finally {
      protocol.forgetReadAhead();
    }
  }

  private void register() throws SQLException, PositionLostException, InterruptedException {
    if (Registration.isDone(queue, transport.source(), transport.destination())) {
      return;
    }
    try (var s = transport.source().borrow();
        var d = transport.destination().borrow()) {
      Registration.ensure(queue, s.connection(), d.connection());
    }
  }

  private void moveAll(ServiceContext context)
      throws SQLException, PositionLostException, InterruptedException {
    var open = protocol.next();
    while (open.isPresent() && !context.stopRequested()) {
      var delivered = protocol.deliver(open.get());
      context.succeeded();
      open = delivered ? finish(open.get(), context) : protocol.next();
    }
  }

  /**
   * In one transaction with what else the source is asked: for this queue's next batch, or for
   * another queue's. Nothing but PgQ's own views sees the wait.
   */
  private Optional<OpenBatch> finish(OpenBatch delivered, ServiceContext context)
      throws SQLException, InterruptedException {
    if (delivered.newest()) {
      wakeup.awaitCompany(finishDelay.of(delivered.batch()));
    }
    if (context.stopRequested()) {
      protocol.finish(delivered);
      return Optional.empty();
    }
    return protocol.finishAndNext(delivered);
  }
}
