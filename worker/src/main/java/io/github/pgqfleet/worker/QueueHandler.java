package io.github.pgqfleet.worker;

import io.github.pgqfleet.worker.batch.BatchWork;
import io.github.pgqfleet.worker.call.EventCaller;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** What handles a queue's events in this process: one for all the queue's sub-consumers. */
sealed interface QueueHandler extends AutoCloseable {

  /**
   * What its code was loaded from. Handlers of equal settings and equal origins are alike, and
   * nothing is gained by replacing one by the other.
   */
  Object origin();

  /** Called when no sub-consumer uses it any more. */
  @Override
  void close();

  /** Works within the transaction that finishes the batch. Thread-safe. */
  final class InTransaction implements QueueHandler {

    private final Supplier<BatchWork> works;
    private final Object origin;
    private final Runnable whenClosed;
    private @Nullable BatchWork first;

    /**
     * Makes the first sub-consumer's work at once, to see whether that can be done.
     *
     * @param works makes what one sub-consumer works with
     * @throws IllegalArgumentException when the handler refuses its settings
     */
    InTransaction(Supplier<BatchWork> works, Object origin, Runnable whenClosed) {
      this.works = works;
      this.origin = origin;
      this.whenClosed = whenClosed;
      this.first = works.get();
    }

    /** What another sub-consumer works with; the caller closes it. */
    synchronized BatchWork work() {
      var work = first == null ? works.get() : first;
      first = null;
      return work;
    }

    @Override
    public Object origin() {
      return origin;
    }

    @Override
    public synchronized void close() {
      if (first != null) {
        first.close();
      }
      whenClosed.run();
    }
  }

  /** Is called while no transaction is open. */
  record Outside(EventCaller caller) implements QueueHandler {

    @Override
    public Object origin() {
      return "";
    }

    @Override
    public void close() {
      caller.close();
    }
  }
}
