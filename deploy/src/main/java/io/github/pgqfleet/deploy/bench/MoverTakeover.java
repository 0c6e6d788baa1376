package io.github.pgqfleet.deploy.bench;

import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/**
 * Two of our movers share the sources; one of them is lost, and the other takes its share over. For
 * one thread.
 */
final class MoverTakeover {
  private static final Duration TAKEOVER_TIMEOUT = Duration.ofMinutes(2);
  private static final Duration DRAIN_TIMEOUT = Duration.ofSeconds(60);

  /** How a mover is lost. */
  enum Loss {
    KILLED,
    /** Stopped where it is: its connections stay open, and so do its locks. */
    FROZEN;

    /** Returns when it has happened. */
    private void happenTo(Child mover) {
      switch (this) {
        case KILLED -> mover.kill();
        case FROZEN -> mover.freeze();
      }
    }
  }

  private final Testbed testbed;
  private final SteadyLoad writing;
  private final Duration settle;
  private final Narrator narrator;

  /**
   * Does nothing yet.
   *
   * @param writing what the applications do all the time
   * @param settle how long nothing may have changed hands before one is lost
   */
  MoverTakeover(Testbed testbed, SteadyLoad writing, Duration settle, Narrator narrator) {
    this.testbed = testbed;
    this.writing = writing;
    this.settle = settle;
    this.narrator = narrator;
  }

  /**
   * One run: the one that leads more is lost.
   *
   * @return from the loss to the delivery of an event that was written later, from the last of its
   *     databases
   * @throws BenchFailure when the other does not take over in time, or an event is lost or doubled
   */
  Duration of(Mover mover, Loss loss) throws SQLException, InterruptedException {
    List<Source> sources = writing.moved().sources();
    try (var run = SteadyDelivery.prepare(testbed, writing, mover);
        var shares = new MoverShares(testbed.destination(), sources);
        Running one = mover.start();
        Running other = mover.start()) {
      Running both = one.and(other);
      Duration takeover;
      Running end;
      try (Load load = writing.start()) {
        run.awaitBegin(both);
        Map<Long, List<Source>> led = shares.awaitRest(settle, both);
        load.requireRunning();
        boolean oneLeadsMore = share(led, one).size() > share(led, other).size();
        Running lost = oneLeadsMore ? one : other;
        Running left = oneLeadsMore ? other : one;
        List<Source> share = share(led, lost);
        narrator.say("it leads %d of %d".formatted(share.size(), sources.size()));
        loss.happenTo(lost.children().getFirst());
        // What the lost one has delivered was all written before.
        takeover = run.delivery().awaitFirst(share, Instant.now(), TAKEOVER_TIMEOUT, left);
        end = left;
        if (loss == Loss.FROZEN) {
          lost.children().getFirst().thaw();
          // Its chance to deliver what the other has delivered.
          load.sleepThrough(settle, both);
          end = both;
        }
        load.requireRunning();
      }
      var _ = run.finish(DRAIN_TIMEOUT, end);
      return takeover;
    }
  }

  private static List<Source> share(Map<Long, List<Source>> led, Running mover) {
    return led.getOrDefault(mover.children().getFirst().pid(), List.of());
  }
}
