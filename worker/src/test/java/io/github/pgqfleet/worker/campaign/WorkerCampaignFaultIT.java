package io.github.pgqfleet.worker.campaign;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgqfleet.sql.SqlScript;
import io.github.pgqfleet.worker.WorkerMain;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Strikes at every step of the workers' protocol with every fault there is ({@link Step}, {@link
 * Action}), before a request reaches the server and before its answer reaches the worker, in an
 * order drawn by a seed; meanwhile applications write, the ticker ticks, rotates and retries, and
 * some events fail. Between two faults the applications rest while the workers are far behind. At
 * the end each event must have been handled once, or be dead once, at the attempt that is its fate,
 * and transactions whole at their first delivery.
 *
 * <p>By default each fault comes once, on our {@code pgq_coop}, and a third of that on one as weak
 * as the published one. A longer campaign, here with a thousand faults:
 *
 * <pre>
 * deploy/verify -pl worker -am -Dtest=none -Dsurefire.failIfNoSpecifiedTests=false \
 *   -Dit.test=WorkerCampaignFaultIT -Dfailsafe.failIfNoSpecifiedTests=false \
 *   -Dworker.campaign.faults=1000 -Dworker.campaign.seed=7
 * </pre>
 *
 * <p>The seed gives the order of the faults and what each application writes; it cannot give the
 * timing of the processes.
 */
class WorkerCampaignFaultIT {

  private static final long SEED =
      Long.getLong("worker.campaign.seed", System.nanoTime() % 1_000_000);
  private static final int FAULTS = Integer.getInteger("worker.campaign.faults", Fault.EACH_ONCE);

  private static final String OURS = "ours";

  @Test
  void endsEachEventOnceWhateverHappens(@TempDir Path directory) throws Exception {
    campaign(OURS, "", directory, SEED, FAULTS);
  }

  @Test
  void endsEachEventOnceOnACoopAsWeakAsThePublishedOne(@TempDir Path directory) throws Exception {
    var lookAlike = SqlScript.load(WorkerMain.class, "pgq_coop_lookalike.sql");
    campaign("look-alike", lookAlike, directory, SEED + 1, (FAULTS + 2) / 3);
  }

  private static void campaign(String coop, String sql, Path directory, long seed, int faults)
      throws Exception {
    System.out.printf("worker campaign: coop=%s seed=%d faults=%d%n", coop, seed, faults);
    var start = System.nanoTime();
    try (var fleet = new CampaignFleet(directory, sql);
        var applications = new Applications(fleet.database(), CampaignFleet.QUEUES, seed)) {
      var done = new ArrayList<Fault>();
      try {
        strike(fleet, applications, Fault.plan(seed, faults), done);
        applications.end();
        fleet.drain();
        assertThat(wrong(fleet, faults)).isEmpty();
        // The other locks the group's row and then, to register anew a sibling that a takeover has
        // deleted, pgq.consumer's, which registering takes first.
        if (coop.equals(OURS)) {
          assertThat(fleet.deadlocks()).isEmpty();
        }
      } catch (Exception | AssertionError e) {
        throw new AssertionError(
            "campaign on %s with seed %d, fault %d, the last of %s; workers:%n%s"
                .formatted(
                    coop,
                    seed,
                    done.size(),
                    done.subList(Math.max(0, done.size() - 4), done.size()),
                    String.join("\n", fleet.lastWords())),
            e);
      }
      System.out.printf(
          "worker campaign: coop=%s seed=%d faults=%d seconds=%d events=%d retried=%d dead=%d"
              + " rolledback=%d rotations=%d%n",
          coop,
          seed,
          faults,
          (System.nanoTime() - start) / 1_000_000_000,
          fleet.database().number("select count(*) from written"),
          fleet.database().number("select count(*) from handled where retry > 0"),
          fleet.database().number("select count(*) from pgq_fleet.dead_letter"),
          applications.rolledBack(),
          fleet.fewestRotations());
    }
  }

  private static void strike(
      CampaignFleet fleet, Applications applications, List<Fault> plan, List<Fault> done) {
    var saboteur = new Saboteur(fleet);
    for (var fault : plan) {
      applications.restDuring(fleet::catchUp);
      done.add(fault);
      saboteur.strike(fault);
      fleet.noteRotations();
      applications.check();
      assertThat(Audit.violations(fleet.database())).isEmpty();
    }
  }

  /** Everything that is wrong once nothing disturbs any more. */
  private static List<String> wrong(CampaignFleet fleet, int faults) throws Exception {
    var wrong = new ArrayList<>(Audit.differences(fleet.database()));
    if (fleet.fewestRotations() < faults / 45) {
      wrong.add("rotation did not run throughout");
    }
    return wrong;
  }
}
