package io.github.pgqfleet.mover.campaign;

import static io.github.pgqfleet.mover.campaign.CampaignFleet.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgqfleet.fixture.Await;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Strikes at every step of the mover's protocol with every fault there is ({@link Step}, {@link
 * Action}), before a request reaches the server and before its answer reaches the mover, in an
 * order drawn by a seed; meanwhile applications write, the ticker ticks and rotates, and a consumer
 * reads what arrives. At the end nothing may be missing, twice, torn, or out of order.
 *
 * <p>By default each fault comes once. A longer campaign, here with a thousand faults:
 *
 * <pre>
 * deploy/verify -pl mover -am -Dtest=none -Dsurefire.failIfNoSpecifiedTests=false \
 *   -Dit.test=MoverCampaignFaultIT -Dfailsafe.failIfNoSpecifiedTests=false \
 *   -Dmover.campaign.faults=1000 -Dmover.campaign.seed=7
 * </pre>
 *
 * <p>The seed gives the order of the faults and what each application writes; it cannot give the
 * timing of the processes.
 */
class MoverCampaignFaultIT {

  private static final long SEED =
      Long.getLong("mover.campaign.seed", System.nanoTime() % 1_000_000);
  private static final int FAULTS = Integer.getInteger("mover.campaign.faults", Fault.EACH_ONCE);

  @Test
  void deliversEverythingOnceWhateverHappens(@TempDir Path directory) throws Exception {
    System.out.println("campaign: seed=" + SEED + " faults=" + FAULTS);
    var start = System.nanoTime();
    var audit = new Audit();
    try (var fleet = new CampaignFleet(directory);
        var load = new Load(fleet.sources(), CampaignFleet.QUEUES, SEED);
        var arrivals = new Arrivals(fleet.destination(), CampaignFleet.QUEUES, audit)) {
      strike(fleet, load, arrivals, audit);
      load.end();
      explaining(
          "at its end", fleet, () -> assertThat(wrongAtTheEnd(fleet, load, audit)).isEmpty());
      System.out.printf(
          "campaign: seed=%d faults=%d seconds=%d writes=%d events=%d rolledback=%d rotations=%d%n",
          SEED,
          FAULTS,
          (System.nanoTime() - start) / 1_000_000_000,
          load.committed().size(),
          audit.events(),
          load.ledger().rolledBack(),
          fleet.fewestRotations());
    }
  }

  private static void strike(CampaignFleet fleet, Load load, Arrivals arrivals, Audit audit)
      throws IOException {
    var saboteur = new Saboteur(fleet);
    var plan = Fault.plan(SEED, FAULTS);
    for (int i = 0; i < plan.size(); i++) {
      var last = plan.subList(Math.max(0, i - 3), i + 1);
      explaining(
          "fault %d, the last of %s".formatted(i + 1, last),
          fleet,
          () -> {
            fleet.catchUp();
            saboteur.strike(last.getLast());
            fleet.noteRotations();
            load.check();
            arrivals.check();
            assertThat(audit.violations()).isEmpty();
          });
    }
  }

  private interface Act {
    void run() throws Exception;
  }

  /** What fails is told with the seed, with what was done, and with what the logs say. */
  private static void explaining(String what, CampaignFleet fleet, Act act) throws IOException {
    try {
      act.run();
    } catch (Exception | AssertionError e) {
      throw new AssertionError(
          "campaign with seed %d, %s; complaints: %s; movers:%n%s"
              .formatted(SEED, what, fleet.complaints(), String.join("\n", fleet.lastWords())),
          e);
    }
  }

  /** Everything that is wrong once nothing disturbs any more. */
  private static List<String> wrongAtTheEnd(CampaignFleet fleet, Load load, Audit audit)
      throws IOException {
    fleet.drain();
    var wrong = new ArrayList<>(audit.differences(load.committed(), load.ledger()));
    for (var mover : fleet.movers()) {
      Await.value("health of " + mover.config(), PATIENCE, mover::health, "200"::equals);
    }
    wrong.addAll(fleet.complaints());
    if (fleet.fewestRotations() < FAULTS / 45) {
      wrong.add("rotation did not run throughout");
    }
    return wrong;
  }
}
