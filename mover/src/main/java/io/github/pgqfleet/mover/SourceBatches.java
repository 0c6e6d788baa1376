package io.github.pgqfleet.mover;

import io.github.pgqfleet.pgq.NextBatches;
import io.github.pgqfleet.pgq.NextBatches.Asked;
import io.github.pgqfleet.pgq.OpenBatch;
import io.github.pgqfleet.sql.SqlStates;
import io.github.pgqfleet.sql.Transactions;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Finishes and opens the batches of one source database: those of its queues that ask at the same
 * moment, as they do when one tick has woken them all, in one statement and so in one transaction.
 * The small ones among them are then read together too ({@link JointRead}). Whoever comes first
 * does it for those who come meanwhile. Thread-safe.
 */
final class SourceBatches {

  /** In this time all queues that one notification wakes have come. */
  private static final Duration MOMENT = Duration.ofMillis(1);

  private final Lender source;
  private final String consumer;
  private final int coalesceEvents;
  private final JointRead jointRead;
  private final ReentrantLock turn = new ReentrantLock();
  private final ConcurrentLinkedQueue<Request> waiting = new ConcurrentLinkedQueue<>();

  /**
   * A batch that is open.
   *
   * @param events what has been read of it, to be closed by whoever gets this
   */
  record Opened(OpenBatch batch, Optional<BatchEvents> events) {

    private void giveUp() {
      try {
        if (events.isPresent()) {
          events.get().close();
        }
      } catch (SQLException e) {
        throw new IllegalStateException("what is in memory needs no connection", e);
      }
    }
  }

  /** What one queue asks. */
  private record Request(
      SourceQueue queue, Asked asked, CompletableFuture<Optional<Opened>> answer) {

    /** Nobody waits for the answer any more. */
    void abandon() {
      var _ = answer.thenAccept(opened -> opened.ifPresent(Opened::giveUp));
    }
  }

  /**
   * @param consumer the mover's, on each queue
   * @param coalesceEvents how many events of a backlog to read as one batch, 0 for one tick a batch
   * @param memory bounds what is read together
   */
  SourceBatches(Lender source, String consumer, int coalesceEvents, BufferMemory memory) {
    this.source = source;
    this.consumer = consumer;
    this.coalesceEvents = coalesceEvents;
    this.jointRead = new JointRead(memory);
  }

  /**
   * Opens the next batch of a queue, or the one that is open; empty when there is no new tick.
   *
   * @param delivered the batch to finish before; one that is not found is a lost race: another has
   *     finished it
   * @param woken whether a tick has woken the queue, and so perhaps others
   */
  Optional<Opened> next(SourceQueue queue, OptionalLong delivered, boolean woken)
      throws SQLException, InterruptedException {
    return ask(queue, new Asked(queue.queue(), delivered), woken);
  }

  /**
   * Finishes the batch of a queue that goes on no more, perhaps since all are to stop; one that is
   * not found is a lost race.
   */
  void finish(SourceQueue queue, long delivered) throws SQLException, InterruptedException {
    ask(queue, new Asked(queue.queue(), OptionalLong.of(delivered), false), true);
  }

  private Optional<Opened> ask(SourceQueue queue, Asked asked, boolean woken)
      throws SQLException, InterruptedException {
    var request = new Request(queue, asked, new CompletableFuture<>());
    waiting.add(request);
    try {
      turn.lockInterruptibly();
      try {
        if (!request.answer.isDone()) {
          if (woken) {
            Thread.sleep(MOMENT);
          }
          answerAll();
        }
      } finally {
        turn.unlock();
      }
      return request.answer.get();
    } catch (InterruptedException e) {
      request.abandon();
      throw e;
    } catch (ExecutionException e) {
      throw e.getCause() instanceof SQLException sql ? sql : new SQLException(e.getCause());
    } finally {
      waiting.remove(request);
    }
  }

  /**
   * What {@link #next} will say once a batch has been delivered, without finishing it. Nothing is
   * changed.
   *
   * @param source a connection that the caller has borrowed
   */
  Optional<OpenBatch> foresee(Connection source, SourceQueue queue, long delivered)
      throws SQLException {
    var asked = new Asked(queue.queue(), OptionalLong.of(delivered));
    return Transactions.rolledBack(source, connection -> batches(connection).of(asked));
  }

  private NextBatches batches(Connection connection) {
    return new NextBatches(connection, consumer, coalesceEvents);
  }

  private void answerAll() throws InterruptedException {
    var group = new ArrayList<Request>();
    try (var loan = source.borrow()) {
      takeAll(group);
      answer(loan.connection(), group);
    } catch (InterruptedException e) {
      // Before there was a connection: whoever waits behind this one does it then.
      throw e;
    } catch (SQLException e) {
      fail(group, e);
    } catch (Throwable e) {
      fail(group, e);
      throw e;
    }
  }

  /** Two movers that finish and open the same batches take them in the same order. */
  private void takeAll(List<Request> group) {
    for (var request = waiting.poll(); request != null; request = waiting.poll()) {
      group.add(request);
    }
    group.sort(Comparator.comparing(request -> request.queue.queue()));
  }

  /** Where there was no connection, all who wait for one have failed. */
  private void fail(List<Request> group, Throwable e) {
    if (group.isEmpty()) {
      takeAll(group);
    }
    group.forEach(request -> request.answer.completeExceptionally(e));
  }

  private void answer(Connection connection, List<Request> group) throws SQLException {
    List<Optional<OpenBatch>> batches;
    try {
      batches = batches(connection).of(group.stream().map(Request::asked).toList());
    } catch (SQLException e) {
      if (group.size() == 1 || SqlStates.isConnectionLost(e)) {
        throw e;
      }
      // One is to blame; the others are answered without it.
      for (var request : group) {
        answerAlone(connection, request);
      }
      return;
    }
    var open = new LinkedHashMap<SourceQueue, OpenBatch>();
    for (int i = 0; i < group.size(); i++) {
      var queue = group.get(i).queue;
      batches.get(i).ifPresent(batch -> open.put(queue, batch));
    }
    var events = jointRead.of(connection, open);
    for (int i = 0; i < group.size(); i++) {
      var read = Optional.ofNullable(events.get(group.get(i).queue));
      group.get(i).answer.complete(batches.get(i).map(batch -> new Opened(batch, read)));
    }
  }

  private void answerAlone(Connection connection, Request request) throws SQLException {
    try {
      answer(connection, List.of(request));
    } catch (SQLException e) {
      request.answer.completeExceptionally(e);
      if (SqlStates.isConnectionLost(e)) {
        throw e;
      }
    }
  }
}
