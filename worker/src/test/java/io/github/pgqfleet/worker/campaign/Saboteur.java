package io.github.pgqfleet.worker.campaign;

import static io.github.pgqfleet.worker.campaign.CampaignFleet.PATIENCE;

import io.github.pgqfleet.fixture.Await;
import io.github.pgqfleet.fixture.TestDatabase;
import io.github.pgqfleet.fixture.Trap;
import java.time.Duration;
import java.util.Collections;

/** Holds whichever worker comes to a step first, and does there what a fault says. */
final class Saboteur {

  private static final String END_SESSIONS =
      """
      select count(pg_terminate_backend(pid)) from pg_stat_activity
       where client_port = any(?) and pid <> pg_backend_pid()""";

  private static final String WAITING =
      """
      select count(*) from pg_stat_activity waiting
       where exists (select from pg_stat_activity frozen
                      where frozen.client_port = any(?)
                        and frozen.pid = any (pg_blocking_pids(waiting.pid)))
         and waiting.client_port <> all(?)""";

  /** As the server's own time-out for transactions that hang will, but at once. */
  private static final String END_BLOCKERS =
      """
      select count(pg_terminate_backend(frozen.pid)) from pg_stat_activity frozen
       where frozen.client_port = any(?)
         and exists (select from pg_stat_activity waiting
                      where frozen.pid = any (pg_blocking_pids(waiting.pid)))""";

  /** How long another worker is waited for that may not come, where there is nothing to do. */
  private static final Duration MAY_NOT_COME = Duration.ofSeconds(2);

  private final CampaignFleet fleet;

  Saboteur(CampaignFleet fleet) {
    this.fleet = fleet;
  }

  /**
   * Returns when the fault is over; its consequences are not.
   *
   * @throws AssertionError when no worker comes to the step, or no other takes over
   */
  void strike(Fault fault) {
    try (var trap = new Trap(fault.toString(), fault.moment(), fault.step()::isSeenIn)) {
      fleet.workers().forEach(worker -> worker.proxy().arm(trap));
      var caught = trap.await(PATIENCE);
      var worker =
          fleet.workers().stream().filter(w -> w.proxy() == caught.proxy()).findAny().orElseThrow();
      switch (fault.action()) {
        case KILL -> worker.killAndStart();
        case CUT -> caught.cut();
        case CUT_ALL -> worker.proxy().cutAll();
        case TERMINATE -> fleet.database().number(END_SESSIONS, ports(worker));
        case RESTART -> fleet.cluster().restartImmediate();
        case FREEZE -> freeze(worker, fault.step().locksTheGroup(fault.moment()));
      }
      caught.pass();
    }
  }

  private void freeze(CampaignWorker worker, boolean locksTheGroup) {
    worker.freeze();
    try {
      if (locksTheGroup) {
        awaitWaiting(worker);
      } else {
        awaitTakeover(worker);
      }
    } finally {
      worker.thaw();
    }
  }

  private void awaitTakeover(CampaignWorker worker) {
    var open = fleet.openBatches(worker);
    Await.value(
        "the others to take over " + open,
        PATIENCE,
        () -> {
          fleet.database().number(END_BLOCKERS, ports(worker));
          return fleet.openBatches(worker);
        },
        left -> Collections.disjoint(left, open));
  }

  private void awaitWaiting(CampaignWorker worker) {
    var giveUp = System.nanoTime() + MAY_NOT_COME.toNanos();
    TestDatabase database = fleet.database();
    Await.until(
        "another worker to wait for the one that is frozen",
        PATIENCE,
        () ->
            database.number(WAITING, ports(worker), ports(worker)) > 0
                || System.nanoTime() > giveUp);
  }

  private static Object ports(CampaignWorker worker) {
    return worker.proxy().clientPorts().toArray(Integer[]::new);
  }
}
