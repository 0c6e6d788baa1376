package io.github.pgqfleet.mover.campaign;

import static io.github.pgqfleet.mover.campaign.CampaignFleet.PATIENCE;

import io.github.pgqfleet.fixture.Await;
import io.github.pgqfleet.fixture.Caught;
import io.github.pgqfleet.fixture.FaultProxy;
import io.github.pgqfleet.fixture.PrivateCluster;
import io.github.pgqfleet.fixture.TestDatabase;
import io.github.pgqfleet.fixture.Trap;
import io.github.pgqfleet.fixture.Trap.Moment;
import io.github.pgqfleet.fixture.WireRequest;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.function.Predicate;

/** Holds whichever mover comes to a step first, and does there what a fault says. */
final class Saboteur {

  private static final String END_LEADERSHIP =
      """
      select count(pg_terminate_backend(a.pid))
        from pg_locks l join pg_stat_activity a using (pid)
       where l.locktype = 'advisory' and l.granted and l.classid = hashtext('pgq_fleet mover')::oid
         and l.database = (select oid from pg_database where datname = current_database())
         and a.client_port = any(?)""";

  private static final String END_SESSIONS =
      """
      select count(pg_terminate_backend(pid)) from pg_stat_activity
       where client_port = any(?) and pid <> pg_backend_pid()""";

  /** Of a mover that stands still, in another of its threads; the one that is held has none. */
  private static final String END_TRANSACTIONS =
      """
      select count(pg_terminate_backend(pid)) from pg_stat_activity
       where client_port = any(?) and backend_xid is not null""";

  private static final Duration PINNED = Duration.ofSeconds(2);

  private final CampaignFleet fleet;

  Saboteur(CampaignFleet fleet) {
    this.fleet = fleet;
  }

  /**
   * Returns when the fault is over; its consequences are not.
   *
   * @throws AssertionError when no mover comes to the step, or the other one does not take over
   */
  void strike(Fault fault) throws SQLException {
    try (var trap = trap(fault.step(), fault.moment(), request -> true)) {
      fleet.movers().forEach(mover -> mover.arm(trap, fault.step().isAtSource()));
      var caught = trap.await(PATIENCE);
      var mover =
          fleet.movers().stream().filter(m -> m.owns(caught.proxy())).findAny().orElseThrow();
      act(fault, caught, mover);
    }
  }

  private static Trap trap(Step step, Moment moment, Predicate<WireRequest> which) {
    return new Trap(
        step.toString(), moment, request -> step.isSeenIn(request) && which.test(request));
  }

  private void act(Fault fault, Caught caught, CampaignMover mover) throws SQLException {
    switch (fault.action()) {
      case KILL -> mover.killAndStart();
      case CUT -> caught.cut();
      case CUT_ALL -> mover.cutAll();
      case TERMINATE_ON_SOURCE -> terminate(fleet.sourceCluster(), mover.source());
      case TERMINATE_ON_DESTINATION -> terminate(fleet.destinationCluster(), mover.destination());
      case RESTART_SOURCE -> fleet.sourceCluster().restartImmediate();
      case RESTART_DESTINATION -> fleet.destinationCluster().restartImmediate();
      case MEET_RIVAL -> meetRival(caught, mover);
      case FALL_BEHIND -> fallBehind(mover);
      case WAIT_FOR_ROTATION -> awaitRotation(fault.holdsPosition());
    }
    caught.pass();
  }

  private static void terminate(PrivateCluster cluster, FaultProxy proxy) {
    TestDatabase.at(cluster.jdbcUrl("postgres")).number(END_SESSIONS, ports(proxy));
  }

  private static Object ports(FaultProxy proxy) {
    return proxy.clientPorts().toArray(Integer[]::new);
  }

  private void meetRival(Caught caught, CampaignMover mover) {
    mover.freeze();
    try {
      var led = endLeadership(mover);
      try (var takeover =
          trap(Step.NEXT_BATCH, Moment.BEFORE, request -> led.contains(request.database()))) {
        other(mover).arm(takeover, true);
        takeover.await(PATIENCE);
        mover.thaw();
        caught.pass();
      }
    } finally {
      mover.thaw();
    }
  }

  private void fallBehind(CampaignMover mover) {
    mover.freeze();
    try {
      var led = endLeadership(mover);
      var before = fleet.positions(led);
      Await.value(
          "the other mover to move " + led + " on from " + before,
          PATIENCE,
          () -> {
            fleet.destination().number(END_TRANSACTIONS, ports(mover.destination()));
            return fleet.positions(led);
          },
          after -> isPast(after, before));
    } finally {
      mover.thaw();
    }
  }

  /**
   * @param mayBePinned whether a transaction is held that may not let a rotation begin
   */
  private void awaitRotation(boolean mayBePinned) {
    var before = CampaignFleet.rotationsOf(fleet.destination());
    var giveUp = System.nanoTime() + PINNED.toNanos();
    Await.until(
        "rotation on the destination",
        PATIENCE,
        () -> {
          var after = CampaignFleet.rotationsOf(fleet.destination());
          return (after.keySet().containsAll(CampaignFleet.QUEUES)
                  && Collections.disjoint(after.entrySet(), before.entrySet()))
              || (mayBePinned && System.nanoTime() > giveUp);
        });
  }

  private static boolean isPast(List<Long> after, List<Long> before) {
    for (int i = 0; i < before.size(); i++) {
      if (after.get(i) <= before.get(i)) {
        return false;
      }
    }
    return !before.isEmpty();
  }

  /** Ends the sessions with which a mover leads; returns the databases, all if it led none. */
  private List<String> endLeadership(CampaignMover mover) {
    var all = fleet.sources().stream().map(TestDatabase::name).toList();
    var led =
        fleet.sources().stream()
            .filter(source -> source.number(END_LEADERSHIP, ports(mover.source())) > 0)
            .map(TestDatabase::name)
            .toList();
    return led.isEmpty() ? all : led;
  }

  private CampaignMover other(CampaignMover mover) {
    return fleet.movers().stream().filter(m -> m != mover).findAny().orElseThrow();
  }
}
