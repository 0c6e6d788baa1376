package io.github.pgqfleet.deploy.bench;

import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/**
 * Two of our worker processes share a queue; one of them is killed with batches open, and the other
 * takes these over. For one thread.
 */
final class WorkerTakeover {

  /** {@code instance} of the one that is killed, and of the other. */
  static final String VICTIM = "victim";

  static final String HEIR = "heir";

  private static final Duration STALLED = Duration.ofSeconds(60);

  private final Testbed testbed;
  private final Duration deadInterval;
  private final Duration settle;

  /**
   * Does nothing yet.
   *
   * @param deadInterval the workers'
   * @param settle how long they are left alone before they get what one is killed at
   */
  WorkerTakeover(Testbed testbed, Duration deadInterval, Duration settle) {
    this.testbed = testbed;
    this.deadInterval = deadInterval;
    this.settle = settle;
  }

  /**
   * One run.
   *
   * @param stage with enough batches for all sub-consumers of both
   * @return from the kill to the commit of the last batch that the victim had open
   * @throws BenchFailure when they are not handled in time, or an event is lost or handled twice
   */
  Duration of(Workers victim, Workers heir, Stage stage) throws SQLException, InterruptedException {
    testbed.renewDestination(stage.kept());
    victim.provision();
    heir.provision();
    try (Backlog.Held held = stage.backlog().hold();
        var group = new Group(testbed.destination(), Stage.QUEUE)) {
      testbed.checkpoint();
      try (Running dying = victim.start();
          Running living = heir.start()) {
        Running both = dying.and(living);
        group.awaitPresent(victim, stage.workers(), both);
        group.awaitDone(STALLED, both);
        Thread.sleep(settle);
        var _ = held.release();
        var batches = new OpenBatches(group.connection(), VICTIM);
        batches.awaitOpen(stage.workers() / 2, STALLED, both);
        dying.children().forEach(Child::kill);
        Instant killed = Instant.now();
        List<String> events = batches.eventsLeft(STALLED, living);
        Duration takeover =
            Duration.between(
                killed, batches.awaitHandled(events, deadInterval.plus(STALLED), living));
        group.awaitDone(STALLED, living);
        living.stop();
        Handled.audit(testbed.destination(), heir.name(), stage.backlog().contents());
        return takeover;
      }
    }
  }
}
