package io.github.pgqfleet.mover;

import io.github.pgqfleet.lifecycle.Service;
import io.github.pgqfleet.lifecycle.ServiceContext;
import io.github.pgqfleet.mover.Positions.Step;
import io.github.pgqfleet.pgq.Batch;
import io.github.pgqfleet.pgq.Pgq;
import io.github.pgqfleet.sql.SqlStates;
import io.github.pgqfleet.sql.Transactions;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * Delivers small batches that come at about the same time, from all the sources that have one just
 * now, in one transaction of the destination. Each is read from its source before it comes here, so
 * that no source holds the transaction open; what cannot be had at once, such as the row of a
 * position that another mover holds, is left out and not waited for. Thread-safe.
 */
final class GroupCommit implements Service {

  private final String name;
  private final Lender destination;
  private final Duration interval;
  private final BlockingQueue<Member> waiting = new LinkedBlockingQueue<>();

  /** A batch in memory; what comes of it is whether it was delivered. */
  private record Member(Batch batch, BatchEvents events, CompletableFuture<Boolean> delivered) {

    Route route() {
      return events.queue().route();
    }

    Step step() {
      return new Step(events.queue(), batch.previous(), batch.current());
    }
  }

  /**
   * @param name the service's
   * @param interval between the beginnings of two transactions, so that what comes in between goes
   *     together; a batch that comes after a longer pause does not wait
   */
  GroupCommit(String name, Lender destination, Duration interval) {
    this.name = name;
    this.destination = destination;
    this.interval = interval;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public boolean interruptible() {
    return true;
  }

  /**
   * Delivers a batch together with others: sets its position from its previous tick to its current
   * one and copies its events, committed when this returns.
   *
   * @param events all of the batch's
   * @return false, with nothing changed, when the position is elsewhere or another has it locked
   * @throws SQLException when the transaction failed; the position tells whether it was committed
   */
  boolean deliver(Batch batch, BatchEvents events) throws SQLException, InterruptedException {
    var member = new Member(batch, events, new CompletableFuture<>());
    waiting.put(member);
    try {
      return member.delivered.get();
    } catch (InterruptedException e) {
      // Nobody waits for it any more; it must not meet the same batch when that is offered again.
      waiting.remove(member);
      throw e;
    } catch (ExecutionException e) {
      throw e.getCause() instanceof SQLException sql ? sql : new SQLException(e.getCause());
    }
  }

  @Override
  public void run(ServiceContext context) throws InterruptedException {
    while (!context.stopRequested()) {
      var group = new ArrayList<Member>();
      group.add(waiting.take());
      var begun = System.nanoTime();
      waiting.drainTo(group);
      commit(group);
      context.succeeded();
      TimeUnit.NANOSECONDS.sleep(interval.toNanos() - (System.nanoTime() - begun));
    }
  }

  private void commit(List<Member> group) throws InterruptedException {
    try (var loan = destination.borrow()) {
      commit(loan.connection(), group);
    } catch (SQLException e) {
      fail(group, e);
    } catch (Throwable e) {
      fail(group, e);
      throw e;
    }
  }

  private static void fail(List<Member> group, Throwable e) {
    group.forEach(member -> member.delivered.completeExceptionally(e));
  }

  private void commit(Connection connection, List<Member> group) throws SQLException {
    Set<Member> delivered;
    try {
      delivered = Transactions.inTransaction(connection, c -> deliver(c, group));
    } catch (SQLException e) {
      if (group.size() == 1 || SqlStates.isTransient(e)) {
        throw e;
      }
      halve(connection, group);
      return;
    }
    group.forEach(member -> member.delivered.complete(delivered.contains(member)));
  }

  /** One is to blame; the others are delivered without it. */
  private void halve(Connection connection, List<Member> group) throws SQLException {
    var middle = group.size() / 2;
    for (var half : List.of(group.subList(0, middle), group.subList(middle, group.size()))) {
      try {
        commit(connection, half);
      } catch (SQLException e) {
        fail(half, e);
        if (SqlStates.isConnectionLost(e)) {
          throw e;
        }
      }
    }
  }

  private static Set<Member> deliver(Connection connection, List<Member> group)
      throws SQLException {
    var done =
        new Positions(connection).compareAndSetAll(group.stream().map(Member::step).toList());
    // Each step was done once, even if it was asked for twice.
    var delivered = new HashSet<Member>();
    for (var member : group) {
      if (done.remove(member.step())) {
        delivered.add(member);
      }
    }
    var full = group.stream().filter(m -> delivered.contains(m) && !m.events.isEmpty()).toList();
    if (!full.isEmpty()) {
      copy(connection, full);
    }
    return delivered;
  }

  private static void copy(Connection connection, List<Member> members) throws SQLException {
    var queues = members.stream().flatMap(m -> m.route().queues().stream()).distinct().toList();
    // Only now: with the transaction's id assigned, rotation cannot drop these tables before our
    // events in them have been read.
    var tables = new EventTables(connection, new Pgq(connection).currentEventTables(queues));
    try {
      var rows = 0L;
      for (int number = 0; number < queues.size(); number++) {
        for (var member : members) {
          var itsNumber = member.route().queues().indexOf(queues.get(number));
          for (var row : member.events.rows()) {
            if (row.queue() == itsNumber) {
              tables.write(number, row);
              rows++;
            }
          }
        }
      }
      tables.end(rows);
    } catch (SQLException e) {
      tables.giveUp(e);
      throw e;
    }
  }
}
